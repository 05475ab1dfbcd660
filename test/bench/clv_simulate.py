#!/usr/bin/python3
"""Simulated customers for the benchmarks of the clv room, the same on every run.

    clv_simulate.py customers bg/nbd     1000000 >customers.csv
    clv_simulate.py customers pareto/nbd 1000000 >customers.csv
    clv_simulate.py transactions bg/nbd  5000000 >transactions.csv

`customers` writes what a fit reads, one row for each customer:
customer_id, frequency, recency_days, age_days, monetary.  Recency and age are
whole days; both sides of a benchmark divide them by 7, and so see the same
doubles.  `transactions` writes customer_id, date, amount in order of date, and
as many customers as it takes to reach the number of rows.

Every customer is born with a first purchase on one of the days of the birth
window and buys again until death, as the named model has it: the parameters
are near those of the CDNOW data, time in weeks.  A purchase counts on its
day; two on one day are one occasion.  Amounts are gamma-gamma, in cents.
Needs numpy.
"""

import argparse
import sys

import numpy as np

# CDNOW's customers buy little: five million of their transactions would come
# from two million customers.  Those of the transactions buy more often and stay
# longer.  Births and window (days): when customers are born, and how long the
# whole is observed.  A million customers in 84 and 365 days have about 150,000
# distinct patterns of frequency, recency and age.
SETTINGS = {
    "customers": {
        "births": 84, "window": 365,
        "bg/nbd": {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426},
        "pareto/nbd": {"r": 0.553, "alpha": 10.58, "s": 0.606, "beta": 11.66},
    },
    "transactions": {
        "births": 182, "window": 730,
        "bg/nbd": {"r": 0.7, "alpha": 3.5, "a": 0.5, "b": 5.0},
        "pareto/nbd": {"r": 0.7, "alpha": 4.0, "s": 0.6, "beta": 25.0},
    },
}
SPEND = {"p": 6.25, "q": 3.74, "v": 15.44}


def purchases(rng, n, window, births, par):
    """Birth day of each customer; customer and day of each repeat purchase.

    All customers step from purchase to purchase together; those that died or
    left the window are dropped, so the work follows the purchases.
    """
    born = rng.integers(0, births, n)
    rate = rng.gamma(par["r"], 1 / par["alpha"], n) / 7  # a day
    if "a" in par:
        dropout = rng.beta(par["a"], par["b"], n)
        death = np.full(n, np.inf)
    else:
        dropout = np.zeros(n)
        death = rng.exponential(7 / np.maximum(rng.gamma(par["s"], 1 / par["beta"], n), 1e-300))
    end = np.minimum(window - born, death)  # of buying, counted from birth
    who, now, found = np.arange(n), np.zeros(n), []
    while True:
        # BG/NBD: a coin after every repeat purchase, none after the first
        if found:
            stays = rng.random(who.size) >= dropout[who]
            who, now = who[stays], now[stays]
        now = now + rng.exponential(size=who.size) / np.maximum(rate[who], 1e-300)
        inside = now < end[who]
        who, now = who[inside], now[inside]
        if not who.size:
            break
        found.append((who, now.astype(np.int64)))
    return born, np.concatenate([w for w, _ in found]), np.concatenate([d for _, d in found])


def occasions(who, day):
    """Distinct (customer, day), without the day of birth, sorted."""
    key = np.unique(who[day > 0] << 16 | day[day > 0])
    return key >> 16, key & 0xFFFF


def spend_scale(rng, n):
    """The rate of each customer's gamma distributed amounts."""
    return np.maximum(rng.gamma(SPEND["q"], 1 / SPEND["v"], n), 1e-12)


def customers(rng, arg):
    n = arg.count
    born, who, day = purchases(rng, n, arg.window, arg.births, arg.parameters)
    who, day = occasions(who, day)
    frequency = np.bincount(who, minlength=n)
    recency = np.zeros(n, np.int64)
    np.maximum.at(recency, who, day)
    # the mean of x amounts is again gamma distributed
    mean = rng.gamma(SPEND["p"] * np.maximum(frequency, 1)) / (np.maximum(frequency, 1) * spend_scale(rng, n))
    monetary = np.where(frequency > 0, np.maximum(np.round(mean, 2), 0.01), 0)
    age = arg.window - 1 - born
    sys.stdout.write("customer_id,frequency,recency_days,age_days,monetary\n")
    np.savetxt(sys.stdout, np.column_stack([np.arange(1, n + 1), frequency, recency, age, monetary]),
               fmt="%d,%d,%d,%d,%.2f")
    patterns = np.unique((frequency << 32) | (recency << 16) | age).size
    print(f"customers={n} patterns={patterns} repeaters={np.count_nonzero(frequency)} "
          f"purchases={frequency.sum()} most={frequency.max()}", file=sys.stderr)


def transactions(rng, arg):
    # More customers than it takes; those beyond the wanted rows are cut off.
    n = arg.count // 6
    born, who, day = purchases(rng, n, arg.window, arg.births, arg.parameters)
    who, day = np.concatenate([np.arange(n), who]), np.concatenate([born, born[who] + day])
    whole = np.searchsorted(np.cumsum(np.bincount(who)), arg.count)
    take = np.flatnonzero(who <= whole)
    take = take[np.argsort(who[take], kind="stable")][:arg.count]  # only the last customer is cut
    who, day = who[take], day[take]
    if who.size < arg.count:
        sys.exit(f"clv_simulate.py: {n} customers made only {who.size} transactions")
    order = np.argsort(day + rng.random(day.size), kind="stable")  # by date, random within a day
    who, day = who[order], day[order]
    amount = np.maximum(np.round(rng.gamma(SPEND["p"], size=who.size) / spend_scale(rng, n)[who], 2), 0.01)
    date = np.datetime_as_string(np.datetime64("2022-01-01") + np.arange(arg.window))
    label = 1 + np.random.default_rng(arg.seed).permutation(n)  # not in order of the simulation
    sys.stdout.write("customer_id,date,amount\n")
    for at in range(0, who.size, 100000):
        part = slice(at, at + 100000)
        sys.stdout.writelines(f"{c},{date[d]},{a:.2f}\n" for c, d, a in zip(label[who[part]], day[part], amount[part]))
    print(f"transactions={who.size} customers={np.unique(who).size} "
          f"occasions={np.unique(who << 16 | day).size} until={date[-1]}", file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["customers", "transactions"])
    parser.add_argument("model", choices=["bg/nbd", "pareto/nbd"])
    parser.add_argument("count", type=int, help="rows to write")
    parser.add_argument("--births", type=int, help="days in which customers are born")
    parser.add_argument("--window", type=int, help="days observed, from the first birth")
    parser.add_argument("--seed", type=int, default=20221120)
    arg = parser.parse_args()
    setting = SETTINGS[arg.what]
    arg.parameters = setting[arg.model]
    arg.births = arg.births or setting["births"]
    arg.window = arg.window or setting["window"]
    {"customers": customers, "transactions": transactions}[arg.what](np.random.default_rng(arg.seed), arg)


main()
