#!/usr/bin/env python3
"""What scikit-learn's trees explain in data that plain arithmetic makes.

sql/value_tree.sql and sql/segment_tree.sql make the same data and have these
numbers; test/t/085_tree_superstore.pl has those of the public data set, when
its file is given as an argument.  Needs python3-sklearn and python3-pandas of
Debian 12 (1.2.1, 1.5.3).
"""
import sys

import numpy
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

i = numpy.arange(1, 3001, dtype=numpy.int64)
a = i * 7919 % 1009
b = i * 104729 % 499
c = i * i * 31 % 97
d = i * 15485863 % 7
noise = i * i * i % 1013 - 506
y = numpy.where(a >= 400, 300, 0) + numpy.where(b < 100, 250, 0) * (d >= 3) + 3 * c + noise
features = numpy.column_stack([a, b, c, d]).astype(numpy.float32)
segment = numpy.where(y >= 600, 1, numpy.where(y >= 300, 2, numpy.where(y >= 0, 3, 4)))

for leaves, least in ((2, 1), (5, 1), (8, 1), (8, 100), (20, 10), (100, 5)):
    tree = DecisionTreeRegressor(max_leaf_nodes=leaves, min_samples_leaf=least, random_state=0).fit(features, y)
    print(f"regression leaves={leaves} least={least} explained={tree.score(features, y):.12f}")
for leaves, least in ((2, 1), (5, 1), (8, 100), (20, 10), (100, 5)):
    tree = DecisionTreeClassifier(max_leaf_nodes=leaves, min_samples_leaf=least, random_state=0).fit(features, segment)
    impurity = tree.tree_.impurity
    leaf = tree.tree_.children_left < 0
    left = (tree.tree_.n_node_samples[leaf] * impurity[leaf]).sum()
    print(f"classification leaves={leaves} least={least} gini_left={left / 3000:.12f} accuracy={tree.score(features, segment):.12f}")

if len(sys.argv) > 1:
    import pandas

    lines = pandas.read_csv(sys.argv[1])
    lines = lines.sort_values(["order_date", "order_id"], kind="stable")
    one = lines.groupby("customer_id").agg(
        profit=("profit", "sum"), segment=("segment", "first"), region=("region", "first"), state=("state", "first"),
        category=("category", "first"), ship_mode=("ship_mode", "first"), quantity=("quantity", "first"))
    value = one["profit"].round(6).to_numpy()
    attributes = list(one.columns[1:])

    def explained(leaves, least, columns):
        # which of two equal questions is taken is a matter of chance
        return max(DecisionTreeRegressor(max_leaf_nodes=leaves, min_samples_leaf=least, random_state=state)
                   .fit(columns, value).score(columns, value) for state in range(3))

    # without, leaves, least, explained by categories as numbers, and as columns of zeros and ones
    print(f"customers={len(value)}")
    for without in ("-", *attributes):
        some = one[[f for f in attributes if f != without]]
        numbers = numpy.column_stack([some[f].astype("category").cat.codes if some[f].dtype == object else some[f]
                                      for f in some.columns]).astype(numpy.float32)
        columns = pandas.get_dummies(some).to_numpy().astype(numpy.float32)
        for leaves in (2, 4, 8, 16) if without == "-" else (8,):
            for least in (1, 5, 20):
                print(f"{without} {leaves} {least} {explained(leaves, least, numbers):.9f} {explained(leaves, least, columns):.9f}")
