#!/usr/bin/python3
"""The peer of test/bench/kmeans.sh: scikit-learn's KMeans on an exported array.

    kmeans_peer.py features.csv K [--starts 1] [--iterations 10] [--seed 1]

One thread, algorithm "lloyd", no tolerance, in double precision.  Features are
standardised with the sample deviation, as kmeans() does, before the clock
starts.  Prints key=value lines: fit_s, seconds by the clock; fit_cpu_s, of the
processor (the machine may be shared); inertia; rows.
"""

import os

os.environ["OMP_NUM_THREADS"] = "1"  # one core, as the other side
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import argparse
import time
import warnings

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans

warnings.filterwarnings("ignore")
parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("file")
parser.add_argument("k", type=int)
parser.add_argument("--starts", type=int, default=1)
parser.add_argument("--iterations", type=int, default=10)
parser.add_argument("--seed", type=int, default=1)
arg = parser.parse_args()

rows = pd.read_csv(arg.file, header=None, float_precision="round_trip").to_numpy(dtype=float)
rows = np.ascontiguousarray((rows - rows.mean(axis=0)) / rows.std(axis=0, ddof=1))
model = KMeans(arg.k, init="k-means++", n_init=arg.starts, max_iter=arg.iterations, tol=0, algorithm="lloyd",
               random_state=arg.seed)
clock, cpu = time.perf_counter(), time.process_time()
model.fit(rows)
print(f"fit_s={time.perf_counter() - clock:.4f}")
print(f"fit_cpu_s={time.process_time() - cpu:.4f}")
print(f"inertia={model.inertia_:.12g}")
print(f"rows={len(rows)}")
