#!/usr/bin/env python3
"""scikit-learn's DecisionTreeRegressor on an exported table, for tree.sh.

    tree_peer.py FILE LEAVES [MIN_CUSTOMERS]

FILE is CSV with a header: the value first, then features; texts are coded by
their order, as the tree of scikit-learn has numbers only.  Missing values are
not in it.  Prints key=value: seconds to read, to fit, the share of variance
explained in sample.  One thread.
"""
import os
import sys
import time

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy
import pandas
import sklearn
from sklearn.tree import DecisionTreeRegressor

path, leaves = sys.argv[1], int(sys.argv[2])
least = int(sys.argv[3]) if len(sys.argv) > 3 else 1

started = time.perf_counter()
table = pandas.read_csv(path)
value = table.iloc[:, 0].to_numpy(dtype=numpy.float64)
features = table.iloc[:, 1:]
for name in features.columns[features.dtypes == object]:
    features = features.assign(**{name: pandas.factorize(features[name], sort=True)[0]})
features = numpy.asfortranarray(features.to_numpy(dtype=numpy.float32))
print(f"read_s={time.perf_counter() - started:.3f}")

started = time.perf_counter()
tree = DecisionTreeRegressor(max_leaf_nodes=leaves, min_samples_leaf=least, random_state=0).fit(features, value)
print(f"fit_s={time.perf_counter() - started:.3f}")
print(f"explained={tree.score(features, value):.9f}")
print(f"leaves={tree.get_n_leaves()}")
print(f"sklearn={sklearn.__version__}")
