/*
 * test_clv_model.c
 *		The text form of models, and fits of all kinds of data.
 */
#include <math.h>

#include "clv/clv_model.h"
#include "clv/patterns.h"
#include "tap.h"

#include "random.h"

static double
uniform(void)
{
	return (random64() >> 11) / 9007199254740992.0;
}

/* ---- text ---- */

static bool
reads(const char *text)
{
	char		why[MODEL_WHY_SIZE] = "";
	ClvModel   *m = clv_model_parse(text, strlen(text), why);

	if (m == NULL && why[0] == '\0')
		ok(0, "an error without a reason: %s", text);
	cv_free(m);
	return m != NULL;
}

static bool
refused_because(const char *text, const char *reason)
{
	char		why[MODEL_WHY_SIZE] = "";
	ClvModel   *m = clv_model_parse(text, strlen(text), why);
	bool		good = m == NULL && strstr(why, reason) != NULL;

	if (!good)
		printf("# %s: %s\n", text, m ? "accepted" : why);
	cv_free(m);
	return good;
}

static void
test_text(void)
{
	static const char *const good[] = {
		"{\"model\": \"bg/nbd\", \"unit\": \"week\", \"parameters\": {\"r\": 0.24, \"alpha\": 4.41, \"a\": 0.79, \"b\": 2.43}}",
		"{\"model\": \"mbg/nbd\", \"parameters\": {\"r\": 1, \"alpha\": 2, \"a\": 3, \"b\": 1e-20}}",
		"{\"model\": \"pareto/nbd\", \"unit\": \"day\", \"parameters\": {\"r\": 0.1, \"alpha\": 1, \"s\": 1, \"beta\": 1}}",
		"{\"model\": \"nbd\", \"unit\": \"year\", \"parameters\": {\"r\": 0.1, \"alpha\": 1}}",
		"{\"model\": \"bg/bb\", \"parameters\": {\"alpha\": 1.204, \"beta\": 0.75, \"gamma\": 0.657, \"delta\": 2.783}}",
		"{\"model\": \"gamma-gamma\", \"unit\": \"month\", \"basis\": \"contribution\", \"parameters\": {\"p\": 6.25, \"q\": 3.74, \"v\": 15.44}}",
		"{\"model\": \"sbg\", \"parameters\": {\"alpha\": 0.668, \"beta\": 3.806}}",
		"{\"model\": \"nbd\", \"parameters\": {\"r\": 0.1, \"alpha\": 1}, \"customers\": 7, \"log_likelihood\": -12.5, \"converged\": true}",
		"{\"model\": \"nbd\", \"parameters\": {\"r\": 0.1, \"alpha\": 1}, \"customers\": 7, \"log_likelihood\": -12.5, \"converged\": false, \"covariance\": [[0.25], [-0.125, 2]], \"diagnosis\": \"a \\\"quoted\\\" word\"}",
		"{\"model\": \"nbd\", \"parameters\": {\"r\": 0.1, \"alpha\": 1}, \"customers\": 7, \"log_likelihood\": -12.5, \"converged\": false, \"covariance\": [null, [0, 2]]}",
	};

	for (size_t i = 0; i < lengthof(good); i++)
	{
		char		why[MODEL_WHY_SIZE] = "";
		ClvModel   *m = clv_model_parse(good[i], strlen(good[i]), why);
		char	   *text = m ? clv_model_print(m) : NULL;

		ok(m && strcmp(text, good[i]) == 0, "reads and writes the same: %s%s%s", good[i], why, text ? "" : "?");
		if (m)
			ok(clv_model_check(m, CLV_MODEL_SIZE(m->diagnosis_length)) == NULL, "and is valid");
		cv_free(text);
		cv_free(m);
	}

#define NBD "{\"model\": \"nbd\", \"parameters\": {\"r\": 0.1, \"alpha\": 1}"
	ok(refused_because("", "JSON"), "nothing");
	ok(refused_because("[]", "object"), "an array");
	ok(refused_because("{\"model\": \"nbd\"}", "\"parameters\" is missing"), "no parameters");
	ok(refused_because("{\"parameters\": {}}", "\"model\" is missing"), "no model");
	ok(refused_because("{\"model\": \"nope\", \"parameters\": {}}", "no model \"nope\""), "no such model");
	ok(refused_because("{\"model\": \"nbd\", \"parameters\": {\"r\": 1}}", "\"alpha\" of model \"nbd\" is missing"), "a parameter missing");
	ok(refused_because("{\"model\": \"nbd\", \"parameters\": {\"r\": 1, \"alpha\": 1, \"s\": 1}}", "no parameter \"s\""), "a parameter too many");
	ok(refused_because("{\"model\": \"nbd\", \"parameters\": {\"r\": 1, \"r\": 1}}", "twice"), "a parameter twice");
	ok(refused_because("{\"model\": \"nbd\", \"parameters\": {\"r\": 0, \"alpha\": 1}}", "must be positive"), "zero");
	ok(refused_because("{\"model\": \"nbd\", \"parameters\": {\"r\": -1, \"alpha\": 1}}", "must be positive"), "negative");
	ok(refused_because("{\"model\": \"nbd\", \"parameters\": {\"r\": 1e-21, \"alpha\": 1}}", "between 1e-20 and 1e20"), "too small");
	ok(refused_because("{\"model\": \"nbd\", \"parameters\": {\"r\": 1, \"alpha\": 2e20}}", "between 1e-20 and 1e20"), "too large");
	ok(refused_because("{\"model\": \"nbd\", \"parameters\": {\"r\": 1e999, \"alpha\": 1}}", "beyond"), "infinite");
	ok(refused_because("{\"model\": \"nbd\", \"parameters\": {\"r\": \"1\", \"alpha\": 1}}", "number expected"), "a string for a number");
	ok(refused_because(NBD ", \"unit\": \"hour\"}", "day, week, month or year"), "an unknown unit");
	ok(refused_because(NBD ", \"basis\": \"sales\"}", "net_revenue"), "an unknown basis");
	ok(refused_because(NBD ", \"model\": \"nbd\"}", "twice"), "a key twice");
	ok(refused_because(NBD ", \"colour\": 1}", "Unknown key"), "an unknown key");
	ok(refused_because(NBD ", \"customers\": 7}", "fitted model has"), "half a fit");
	ok(refused_because(NBD ", \"customers\": 7.5, \"log_likelihood\": 1, \"converged\": true}", "whole"), "half a customer");
	ok(refused_because(NBD ", \"covariance\": [[1],[0,1]]}", "fitted model has"), "covariance without a fit");
#define FITTED NBD ", \"customers\": 7, \"log_likelihood\": 1, \"converged\": true, \"covariance\": "
	ok(refused_because(FITTED "[[1]]}", "each of the 2"), "a row missing");
	ok(refused_because(FITTED "[[1],[0,1],[0,0,1]]}", "each of the 2"), "a row too many");
	ok(refused_because(FITTED "[[1],[1]]}", "Row 2"), "a short row");
	ok(refused_because(FITTED "[[1],[0,1,2]]}", "Row 2"), "a long row");
	ok(refused_because(FITTED "[[0],[0,1]]}", "variance is not positive"), "no variance");
	ok(refused_because(FITTED "[null,[1,1]]}", "without standard error"), "covariance with an unknown");
	ok(refused_because(NBD ", \"diagnosis\": \"a\\u0000b\"}", "JSON"), "a zero byte");
	ok(refused_because(NBD "} 1", "JSON"), "more than one value");
}

/* Damaged texts are read or refused, and what is read writes the same twice. */
static void
test_damaged_texts(void)
{
	static const char text[] = "{\"model\": \"nbd\", \"unit\": \"week\", \"parameters\": {\"r\": 0.1, \"alpha\": 1}, \"customers\": 7, \"log_likelihood\": -12.5, \"converged\": false, \"covariance\": [[0.25], [-0.125, 2]], \"diagnosis\": \"it is\"}";
	int			good = 0;
	int			stable = 0;

	for (int i = 0; i < 20000; i++)
	{
		char		damaged[sizeof(text)];
		char		why[MODEL_WHY_SIZE];
		ClvModel   *m;

		memcpy(damaged, text, sizeof(text));
		for (int k = 0; k <= i % 3; k++)
			damaged[(size_t) (uniform() * (sizeof(text) - 1))] =
				"{}[],:\"0123456789.-eE \\ntrufalsn"[(int) (uniform() * 31)];
		m = clv_model_parse(damaged, sizeof(text) - 1, why);
		if (m)
		{
			char	   *once = clv_model_print(m);
			ClvModel   *again = clv_model_parse(once, strlen(once), why);

			good++;
			stable += again && memcmp(m, again, CLV_MODEL_SIZE(m->diagnosis_length)) == 0;
			cv_free(once);
			cv_free(again);
			cv_free(m);
		}
	}
	ok(good > 100 && good == stable, "%d of 20000 damaged texts read, all write what they are", good);
}

/* ---- fits ---- */

static PatternTable
new_table(void)
{
	PatternTable table;
	Pattern    *slot = calloc(PATTERN_FIRST_SLOTS, sizeof(Pattern));

	patterns_open(&table, slot);
	return table;
}

static bool
is_sane(const ModelClass *model, const Fit *fit)
{
	bool		sane = isfinite(fit->log_likelihood);

	for (int i = 0; i < model->parameters; i++)
	{
		sane = sane && fit->parameter[i] > 0 && isfinite(fit->parameter[i]);
		for (int j = 0; j <= i; j++)
			sane = sane && isfinite(fit->covariance[i][j]);
	}
	return sane && (fit->converged || fit->diagnosis[0] != '\0');
}

/* One kind of bad luck each. */
static void
add_hostile_customer(PatternTable *table, int kind, double scale)
{
	double		age = kind == 1 ? scale : kind == 2 ? pow(10, uniform() * 12 - 6) : scale * uniform();
	double		x = floor(pow(10, 5 * uniform()) * uniform());
	double		recency = age * uniform();

	if (kind == 0)
		x = 0;					/* nobody comes back */
	if (kind == 3)
		x = 1e5;
	if (kind == 4)
		x = floor(2 * uniform());
	if (kind == 5)
		recency = age;			/* everybody was here today */
	if (kind == 6)
		recency = age * 1e-9;	/* all in one rush, then never again */
	if (kind == 7)
		recency = age = 0;
	if (x == 0 || recency == 0)
		x = recency = 0;
	patterns_add(table, x, recency, age, 1);
}

static void
test_hostile(void)
{
	static const ModelClass *const models[] = {&bgnbd_model, &mbgnbd_model, &pareto_nbd_model, &nbd_model};

	for (int kind = 0; kind < 8; kind++)
	{
		int			sane = 0;
		int			all = 0;

		for (int i = 0; i < 12; i++)
		{
			PatternTable table = new_table();
			double		scale = pow(10, uniform() * 12 - 6);
			int			customers = i < 3 ? 1 : 1 + (int) (uniform() * 20);
			Pattern    *pattern;

			for (int k = 0; k < customers; k++)
				add_hostile_customer(&table, kind, scale);
			pattern = patterns_sorted(&table);
			for (size_t m = 0; m < lengthof(models); m++)
			{
				Fit			fit;

				model_fit(models[m], pattern, table.used, &fit);
				sane += is_sane(models[m], &fit);
				all++;
			}
			cv_free(pattern);
			cv_free(table.slot);
		}
		ok(sane == all, "hostile data of kind %d: %d of %d fits finite, or say why not", kind, sane, all);
	}
}

static FILE *
open_data(const char *name)
{
	const char *data = getenv("CUSTOMER_VALUE_DATA");
	char		path[4096];
	FILE	   *file = NULL;

	if (data && data[0])
	{
		snprintf(path, sizeof(path), "%s/%s", data, name);
		file = fopen(path, "r");
	}
	if (file == NULL)
		printf("# SKIPPED: no %s; set CUSTOMER_VALUE_DATA to the directory of the public data sets\n", name);
	return file;
}

typedef struct Expected
{
	const char *file;
	const char *dataset;
	const char *abbreviation;
	const ModelClass *model;
} Expected;

/* The CDNOW sample, against maxima found with 40 digits. */
static void
test_reference(const Expected *e)
{
	FILE	   *file = open_data(e->file);
	PatternTable table;
	Pattern    *pattern;
	char		line[512];
	double		id,
				x,
				recency,
				age,
				last;
	Fit			fit;
	int			seen = 0;

	if (file == NULL)
		return;
	table = new_table();
	if (!fgets(line, sizeof(line), file))
		return;
	while (fscanf(file, "%lf,%lf,%lf,%lf,%lf", &id, &x, &recency, &age, &last) == 5)
	{
		if (e->model->subject == MODEL_OF_PURCHASES)
			patterns_add(&table, x, recency, age, 1);
		else if (x > 0 && last > 0)
			patterns_add(&table, x, last, 0, 1);
	}
	fclose(file);
	pattern = patterns_sorted(&table);
	model_fit(e->model, pattern, table.used, &fit);
	ok(fit.converged && fit.diagnosis[0] == '\0', "%s on %s converged %s", e->model->name, e->dataset, fit.diagnosis);

	file = open_data("reference/params_mle.csv");
	if (file == NULL)
		return;
	while (fgets(line, sizeof(line), file))
	{
		char		dataset[64];
		char		abbreviation[8];
		char		name[16];
		double		customers,
					log_likelihood,
					value,
					error;

		if (sscanf(line, "%63[^,],%7[^,],%lf,%lf,%15[^,],%lf,%lf", dataset, abbreviation, &customers,
				   &log_likelihood, name, &value, &error) != 7 ||
			strcmp(dataset, e->dataset) != 0 || strcmp(abbreviation, e->abbreviation) != 0)
			continue;
		for (int i = 0; i < e->model->parameters; i++)
		{
			if (strcmp(name, e->model->parameter_names[i]) != 0)
				continue;
			seen++;
			ok(fabs(fit.parameter[i] / value - 1) < 1e-7 && fit.customers == customers &&
			   fabs(fit.log_likelihood - log_likelihood) < 1e-8 &&
			   fabs(sqrt(fit.covariance[i][i]) / error - 1) < 1e-5,
			   "%s %s of %s: %.12g is %.12g, standard error %.9g is %.9g", e->dataset, name, e->model->name,
			   fit.parameter[i], value, sqrt(fit.covariance[i][i]), error);
		}
	}
	fclose(file);
	ok(seen == e->model->parameters, "all parameters compared");
	cv_free(pattern);
	cv_free(table.slot);
}

int
main(void)
{
	static const Expected expected[] = {
		{"data/cdnow_sample_cbs_week39_exact.csv", "cdnow_sample", "bg", &bgnbd_model},
		{"data/cdnow_sample_cbs_week39_exact.csv", "cdnow_sample", "pn", &pareto_nbd_model},
		{"data/cdnow_sample_cbs_week39.csv", "cdnow_sample_2dp", "bg", &bgnbd_model},
		{"data/cdnow_sample_cbs_week39.csv", "cdnow_sample_2dp", "pn", &pareto_nbd_model},
		{"data/cdnow_sample_cbs_week39.csv", "cdnow_sample", "gg", &gamma_gamma_model},
	};

	test_text();
	test_damaged_texts();
	test_hostile();
	for (size_t i = 0; i < lengthof(expected); i++)
		test_reference(&expected[i]);
	ok(reads("{\"model\": \"sbg\", \"parameters\": {\"alpha\": 1, \"beta\": 1}}"), "the end");
	return done_testing("clv_model");
}
