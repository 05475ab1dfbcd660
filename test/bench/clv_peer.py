#!/usr/bin/python3
"""The peer of the clv benchmarks: numpy, scipy and pandas on exported rows.

    clv_peer.py fit-bgnbd   customers.csv [--collapsed]
    clv_peer.py fit-pareto  customers.csv [--collapsed]
    clv_peer.py fit-spend   customers.csv
    clv_peer.py score       customers.csv --model bg/nbd [--runs 3] [--steps 52]
    clv_peer.py pipeline    transactions.csv [--collapsed] [--steps 52]

What a data scientist writes after the export: likelihoods vectorised over all
customers in stable (log) forms, scipy's L-BFGS-B on log parameters with finite
differences and its default tolerances, from all ones.  --collapsed fits the
distinct (frequency, recency, age) with weights instead; finding them counts.
Nothing is slow on purpose.  Recency and age are read in days, time is in weeks.
Its parameters end up to 6e-4 (relative) from the maximum on the CDNOW sample.
Scores use given parameters; expected purchases and clv include p_alive.  clv
calls the expectation once for each of --steps: 52 weeks, or 13 times four.

Prints key=value lines: *_s are seconds by the clock, *_cpu_s of the processor
(the machine may be shared), each `score` the median of --runs; rss_mb the
peak memory of the process, its libraries included (start_rss_mb: after
importing them; load_rss_mb: after reading the file).
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # one core, as the other side
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import resource
import statistics
import time

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import betaln, gammaln, hyp2f1


# ---------------------------------------------------------------- likelihoods
# x purchases after the first, the last of them at tx, observed until T

def bgnbd(par, x, tx, T):
    """Fader, Hardie and Lee (2005), equation 6."""
    r, alpha, a, b = par
    alive = -(r + x) * np.log(alpha + T)
    dead = np.where(x > 0, np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + tx), -np.inf)
    return gammaln(r + x) - gammaln(r) + r * np.log(alpha) + betaln(a, b + x) - betaln(a, b) + np.logaddexp(alive, dead)


def pareto_a0(par, x, tx, T):
    """log A0 of Fader and Hardie (2005), "A note on deriving the Pareto/NBD model"."""
    r, alpha, s, beta = par
    high, second = (alpha, s + 1) if alpha >= beta else (beta, r + x)
    c = r + s + x

    def term(t):
        return np.log(hyp2f1(c, second, c + 1, abs(alpha - beta) / (high + t))) - c * np.log(high + t)

    first = term(tx)
    return first + np.log1p(-np.exp(np.minimum(term(T) - first, 0)))


def pareto(par, x, tx, T):
    r, alpha, s, beta = par
    alive = -(r + x) * np.log(alpha + T) - s * np.log(beta + T)
    dead = np.log(s) - np.log(r + s + x) + pareto_a0(par, x, tx, T)
    return gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta) + np.logaddexp(alive, dead)


def gamma_gamma(par, x, mean):
    """Fader and Hardie (2013), "The gamma-gamma model of monetary value"."""
    p, q, v = par
    px = p * x
    return (gammaln(px + q) - gammaln(px) - gammaln(q) + q * np.log(v)
            + (px - 1) * np.log(mean) + px * np.log(x) - (px + q) * np.log(x * mean + v))


def fit(model, size, *data, weights=None):
    """Maximum likelihood: parameters, log-likelihood, scipy's account."""
    total = data[0].size if weights is None else weights.sum()

    def objective(logs):
        one = model(np.exp(logs), *data)
        return -(one.sum() if weights is None else weights @ one) / total

    found = minimize(objective, np.zeros(size), method="L-BFGS-B")
    return np.exp(found.x), -found.fun * total, found


def collapse(x, tx, T):
    """Distinct patterns and how many customers have each."""
    found = pd.DataFrame({"x": x, "tx": tx, "T": T}).groupby(["x", "tx", "T"], sort=False).size().reset_index(name="n")
    return [found[name].to_numpy() for name in ("x", "tx", "T")], found["n"].to_numpy(float)


# ---------------------------------------------------------------- scores

def bgnbd_alive(par, x, tx, T):
    r, alpha, a, b = par
    odds = a / (b + np.maximum(x, 1) - 1) * np.exp((r + x) * np.log((alpha + T) / (alpha + tx)))
    return np.where(x > 0, 1 / (1 + odds), 1)


def bgnbd_expected(par, x, T, horizon, alive):
    """Equation 10: purchases in the next weeks; alive is p_alive."""
    r, alpha, a, b = par
    z = horizon / (alpha + T + horizon)
    c = a + b + x - 1
    return alive * c / (a - 1) * (1 - (1 - z) ** (r + x) * hyp2f1(r + x, b + x, c, z))


def pareto_alive(par, x, tx, T):
    r, alpha, s, beta = par
    odds = (np.log(s) - np.log(r + s + x) + (r + x) * np.log(alpha + T) + s * np.log(beta + T)
            + pareto_a0(par, x, tx, T))
    return 1 / (1 + np.exp(odds))


def pareto_expected(par, x, T, horizon, alive):
    r, alpha, s, beta = par
    return (alive * (r + x) * (beta + T) / ((alpha + T) * (s - 1))
            * (1 - ((beta + T) / (beta + T + horizon)) ** (s - 1)))


def expected_spend(par, x, mean):
    p, q, v = par
    return p * (v + x * mean) / (p * x + q - 1)


def clv(model, par, spend_par, x, tx, T, mean, steps, horizon=52, annual=0.15, margin=0.3):
    """Spend times the discounted sum over equal steps, each paid at its end, as the known packages do."""
    _, alive, expected, _ = MODELS[model]
    p_alive, before, value = alive(par, x, tx, T), 0, 0
    for step in range(1, steps + 1):
        weeks = horizon * step / steps
        until = expected(par, x, T, weeks, p_alive)
        value = value + (until - before) / (1 + annual) ** (weeks / 52)
        before = until
    return margin * expected_spend(spend_par, x, mean) * value


# likelihood, p_alive, expected purchases, parameters near CDNOW's
MODELS = {
    "bg/nbd": (bgnbd, bgnbd_alive, bgnbd_expected, (0.243, 4.414, 0.793, 2.426)),
    "pareto/nbd": (pareto, pareto_alive, pareto_expected, (0.553, 10.58, 0.606, 11.66)),
}
SPEND = (6.25, 3.74, 15.44)


# ---------------------------------------------------------------- the clock

def show(key, value):
    print(f"{key}={value:.10g}" if isinstance(value, float) else f"{key}={value}", flush=True)


def memory(key):
    show(key, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def timed(key, work, *arg, runs=1, **named):
    wall, cpu = [], []
    for _ in range(runs):
        wall0, cpu0 = time.perf_counter(), time.process_time()
        out = work(*arg, **named)
        wall.append(time.perf_counter() - wall0)
        cpu.append(time.process_time() - cpu0)
    show(key + "_s", statistics.median(wall))
    show(key + "_cpu_s", statistics.median(cpu))
    return out


def read_customers(file):
    data = pd.read_csv(file, usecols=["frequency", "recency_days", "age_days", "monetary"]).to_numpy(float).T
    return data[0].copy(), data[1] / 7, data[2] / 7, data[3].copy()


def show_fit(names, found):
    par, loglik, account = found
    for name, value in zip(names, par):
        show(name, float(value))
    show("loglik", float(loglik))
    show("iterations", account.nit)
    show("evaluations", account.nfev)
    show("message", account.message)


def fit_purchases(model, x, tx, T, collapsed):
    if not collapsed:
        return fit(MODELS[model][0], 4, x, tx, T)
    patterns, weights = timed("collapse", collapse, x, tx, T)
    show("patterns", weights.size)
    return fit(MODELS[model][0], 4, *patterns, weights=weights)


def summary(transactions):
    """One row for each customer: what the models read."""
    days = transactions.groupby(["customer_id", "date"], as_index=False)["amount"].sum()  # purchase days, sorted
    by = days.groupby("customer_id")
    out = by.agg(first=("date", "first"), last=("date", "last"), n=("date", "size"),
                 total=("amount", "sum"), birth=("amount", "first"))
    x = (out["n"] - 1).to_numpy(float)
    mean = np.where(x > 0, (out["total"] - out["birth"]).to_numpy() / np.maximum(x, 1), 0)
    weeks = pd.Timedelta(days=7)
    recency = ((out["last"] - out["first"]) / weeks).to_numpy()
    age = ((transactions["date"].max() - out["first"]) / weeks).to_numpy()
    return x, recency, age, mean


def fit_spend(x, mean):
    repeat = (x > 0) & (mean > 0)
    return fit(gamma_gamma, 3, x[repeat], mean[repeat])


def pipeline(arg):
    data = timed("read", pd.read_csv, arg.file, parse_dates=["date"])
    show("rows", len(data))
    memory("load_rss_mb")
    x, tx, T, mean = timed("summary", summary, data)
    show("customers", x.size)
    purchase = timed("fit_purchases", fit_purchases, arg.model, x, tx, T, arg.collapsed)
    show_fit(("r", "alpha", "a", "b") if arg.model == "bg/nbd" else ("r", "alpha", "s", "beta"), purchase)
    spend = timed("fit_spend", fit_spend, x, mean)
    show_fit("pqv", spend)
    value = timed("clv", clv, arg.model, purchase[0], spend[0], x, tx, T, mean, arg.steps)
    show("sum_clv", float(value.sum()))


def score(arg):
    x, tx, T, mean = timed("read", read_customers, arg.file)
    memory("load_rss_mb")
    _, alive, expected, par = MODELS[arg.model]
    scores = {
        "p_alive": lambda: alive(par, x, tx, T),
        "expected_purchases": lambda: expected(par, x, T, 52, alive(par, x, tx, T)),
        "expected_spend": lambda: expected_spend(SPEND, x, mean),
        f"clv_{arg.steps}_steps": lambda: clv(arg.model, par, SPEND, x, tx, T, mean, arg.steps),
    }
    for name, work in scores.items():
        value = timed(name, work, runs=arg.runs)
        show(name + "_sum", float(np.nansum(value)))
        show(name + "_not_finite", int(value.size - np.isfinite(value).sum()))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["fit-bgnbd", "fit-pareto", "fit-spend", "score", "pipeline"])
    parser.add_argument("file")
    parser.add_argument("--collapsed", action="store_true", help="fit distinct patterns with weights")
    parser.add_argument("--model", choices=sorted(MODELS), default="bg/nbd", help="of score and pipeline")
    parser.add_argument("--steps", type=int, default=52, help="in which clv sums a year: 52 weeks, or 13 times four")
    parser.add_argument("--runs", type=int, default=3, help="of each score")
    arg = parser.parse_args()
    np.seterr(divide="ignore", invalid="ignore", over="ignore")
    memory("start_rss_mb")
    if arg.what == "pipeline":
        timed("all", pipeline, arg)
    elif arg.what == "score":
        score(arg)
    else:
        x, tx, T, mean = timed("read", read_customers, arg.file)
        show("rows", x.size)
        memory("load_rss_mb")
        if arg.what == "fit-spend":
            show_fit("pqv", timed("fit", fit_spend, x, mean))
        else:
            names, model = {"fit-bgnbd": (("r", "alpha", "a", "b"), "bg/nbd"),
                            "fit-pareto": (("r", "alpha", "s", "beta"), "pareto/nbd")}[arg.what]
            show_fit(names, timed("fit", fit_purchases, model, x, tx, T, arg.collapsed))
    memory("rss_mb")


main()
