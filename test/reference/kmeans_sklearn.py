#!/usr/bin/python3
"""What scikit-learn says about the customers of sql/kmeans.sql.

Its output stands in that test, between the lines "scikit-learn".  The data are
made by the same integer arithmetic here and there.  Features are standardised
with the sample deviation; 1000 starts, so that both sides have found the best
there is to find.

    kmeans_sklearn.py >numbers.sql      (scikit-learn 1.2.1, numpy 1.24.2)
"""

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score

i = np.arange(1, 601)
c = i % 4
features = np.column_stack([
    c * 300 + i * 7919 % 101 * 3,
    c * c * 50 + i * 104729 % 67,
    i * i % 17 + 40 * (c % 2),
]).astype(float)


def report(name, rows, k):
    m = KMeans(k, n_init=1000, max_iter=10000, tol=0, algorithm="lloyd", random_state=1).fit(rows)
    sizes = np.bincount(m.labels_)
    order = sorted(range(k), key=lambda j: -m.cluster_centers_[j, 0])
    silhouette = silhouette_score(rows, m.labels_)
    print(f"\t('{name}', {k}, {m.inertia_:.12g}, {silhouette:.12g}, '{{{','.join(str(sizes[j]) for j in order)}}}'),")


scaled = (features - features.mean(axis=0)) / features.std(axis=0, ddof=1)
for k in (2, 3, 4, 5, 7):
    report("standardized", scaled, k)
for k in (2, 4, 6):
    report("raw", features, k)
