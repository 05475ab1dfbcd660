/*
 * centres_text.c
 *		The text form of a segmentation by centres.
 *
 *		{"method": "kmeans", "centres": [[5200, 12], [40, 1.5]],
 *		 "means": [310, 3], "deviations": [900, 4.5], "nulls": "mean",
 *		 "labels": ["large", "small"], "customers": [52, 948],
 *		 "inertia": 812.5, "silhouette": 0.71}
 *
 * Only "method" and "centres" are needed.
 */
#include "cluster/centres.h"

enum
{
	KEY_CENTRES = FIRST_KEY_OF_FORM, KEY_MEANS, KEY_DEVIATIONS, KEY_NULLS,
	KEY_CUSTOMERS, KEY_INERTIA, KEY_SILHOUETTE
};

const char *const centres_keys[CENTRES_KEYS] = {
	KEYS_OF_ALL_FORMS,
	"centres", "means", "deviations", "nulls",
	"customers", "inertia", "silhouette"
};

/* ---- writing ---- */

static void
put_reals(TextBuffer *t, const double *v, int n)
{
	for (int i = 0; i < n; i++)
	{
		text_put(t, i == 0 ? "[" : ", ");
		text_put_real(t, v[i]);
	}
	text_put(t, "]");
}

void
centres_print(const Segmentation *segmentation, TextBuffer *t)
{
	const Centres *s = (const Centres *) segmentation;

	text_put_key(t, "centres");
	for (int j = 0; j < s->head.k; j++)
	{
		text_put(t, j == 0 ? "[" : ", ");
		put_reals(t, s->centre + (size_t) j * s->nfeatures, s->nfeatures);
	}
	text_put(t, "]");
	if (s->mean)
	{
		text_put_key(t, "means");
		put_reals(t, s->mean, s->nfeatures);
	}
	if (s->deviation)
	{
		text_put_key(t, "deviations");
		put_reals(t, s->deviation, s->nfeatures);
	}
	if (s->nulls != NULLS_ERROR)
	{
		text_put_key(t, "nulls");
		text_put_quoted(t, null_policy_names[s->nulls], strlen(null_policy_names[s->nulls]));
	}
	segmentation_put_labels(segmentation, t);
	if (s->customers)
	{
		text_put_key(t, "customers");
		for (int j = 0; j < s->head.k; j++)
		{
			text_put(t, j == 0 ? "[" : ", ");
			text_put_integer(t, s->customers[j]);
		}
		text_put(t, "]");
	}
	if (s->has_inertia)
	{
		text_put_key(t, "inertia");
		text_put_real(t, s->inertia);
	}
	if (s->has_silhouette)
	{
		text_put_key(t, "silhouette");
		text_put_real(t, s->silhouette);
	}
}

/* ---- reading ---- */

/* What the arrays held, until it is known how many segments there are. */
typedef struct Reals
{
	double	   *value;
	size_t		count;
	size_t		room;
} Reals;

typedef struct CentresReading
{
	Reals		centres;
	Reals		means;
	Reals		deviations;
	Reals		customers;
	int			ncentres;
	int			nfeatures;
} CentresReading;

static void
append(Centres *s, Reals *list, double v)
{
	if (list->count == list->room)
	{
		/* what was outgrown stays in the arena: no more than it is now */
		size_t		room = Max(2 * list->room, 16);
		double	   *value = segmentation_alloc(&s->head, room * sizeof(double));

		if (list->count > 0)
			memcpy(value, list->value, list->count * sizeof(double));
		list->value = value;
		list->room = room;
	}
	list->value[list->count++] = v;
}

/* The rest of an array that has begun; returns how many, or -1. */
static int
read_rest(Centres *s, JsonObject *o, int most, Reals *list)
{
	int			n = 0;
	JsonToken	token;

	while ((token = json_next(o->json)) != JSON_ARRAY_END)
	{
		double		v;

		if (n == most && token != JSON_ERROR)
		{
			object_fail(o, "Key \"%s\" has an array of more than %d elements.",
						o->keys[o->key], most);
			return -1;
		}
		if (!object_real_of(o, token, &v))
			return -1;
		append(s, list, v);
		n++;
	}
	return n;
}

static bool
read_reals(Centres *s, JsonObject *o, int most, Reals *list)
{
	JsonToken	token = json_next(o->json);

	if (token != JSON_ARRAY_BEGIN)
		return object_wrong(o, token, "an array of numbers");
	return read_rest(s, o, most, list) >= 0;
}

static bool
read_centres(Centres *s, JsonObject *o)
{
	CentresReading *reading = s->reading;
	JsonToken	token = json_next(o->json);

	if (token != JSON_ARRAY_BEGIN)
		return object_wrong(o, token, "an array of arrays");
	while ((token = json_next(o->json)) != JSON_ARRAY_END)
	{
		int			n;

		if (token != JSON_ARRAY_BEGIN)
			return object_wrong(o, token, "an array of arrays");
		if (reading->ncentres == SEGMENTATION_MAX_SEGMENTS)
			return object_fail(o, "There are more than %d centres.", SEGMENTATION_MAX_SEGMENTS);
		n = read_rest(s, o, CENTRES_MAX_FEATURES, &reading->centres);
		if (n < 0)
			return false;
		if (n == 0)
			return object_fail(o, "Centre %d has no features.", reading->ncentres + 1);
		if (reading->ncentres > 0 && n != reading->nfeatures)
			return object_fail(o, "Centre 1 has %d features, but centre %d has %d.",
							   reading->nfeatures, reading->ncentres + 1, n);
		reading->nfeatures = n;
		reading->ncentres++;
	}
	return true;
}

bool
centres_read(Segmentation *segmentation, JsonObject *o, int key)
{
	Centres    *s = (Centres *) segmentation;
	CentresReading *reading;
	int			which = 0;

	if (s->reading == NULL)
		s->reading = segmentation_alloc(segmentation, sizeof(CentresReading));
	reading = s->reading;
	switch (key)
	{
		case KEY_CENTRES:
			return read_centres(s, o);
		case KEY_MEANS:
			return read_reals(s, o, CENTRES_MAX_FEATURES, &reading->means);
		case KEY_DEVIATIONS:
			return read_reals(s, o, CENTRES_MAX_FEATURES, &reading->deviations);
		case KEY_CUSTOMERS:
			return read_reals(s, o, SEGMENTATION_MAX_SEGMENTS, &reading->customers);
		case KEY_NULLS:
			if (!object_word(o, null_policy_names, NULL_POLICIES, &which))
				return false;
			s->nulls = (NullPolicy) which;
			return true;
		case KEY_INERTIA:
			s->has_inertia = true;
			return object_real(o, &s->inertia);
		default:
			s->has_silhouette = true;
			return object_real(o, &s->silhouette);
	}
}

static bool
complete_features(Centres *s, JsonObject *o, int key, const Reals *list, double **result)
{
	if (!OBJECT_SAW(o, key))
		return true;
	if (list->count != (size_t) s->nfeatures)
		return object_fail(o, "Centres have %d features, but key \"%s\" has %zu elements.",
						   s->nfeatures, centres_keys[key], list->count);
	*result = list->value;
	return true;
}

/* Put the lists, which may have come in any order, in their places. */
bool
centres_complete(Segmentation *segmentation, JsonObject *o)
{
	Centres    *s = (Centres *) segmentation;
	CentresReading *reading = s->reading;

	if (!OBJECT_SAW(o, KEY_CENTRES))
		return object_fail(o, "There is no key \"centres\".");
	if (reading->ncentres == 0)
		return object_fail(o, "There are no centres.");
	s->head.k = reading->ncentres;
	s->nfeatures = reading->nfeatures;
	s->centre = reading->centres.value;
	if (!complete_features(s, o, KEY_MEANS, &reading->means, &s->mean) ||
		!complete_features(s, o, KEY_DEVIATIONS, &reading->deviations, &s->deviation))
		return false;
	if (!OBJECT_SAW(o, KEY_CUSTOMERS))
		return true;
	if (reading->customers.count != (size_t) s->head.k)
		return object_fail(o, "There are %d centres, but key \"customers\" has %zu elements.",
						   s->head.k, reading->customers.count);
	s->customers = segmentation_alloc(segmentation, s->head.k * sizeof(int64));
	for (int j = 0; j < s->head.k; j++)
	{
		double		v = reading->customers.value[j];

		if (!(v >= 0.0 && v <= 0x10000000000000) || v != (double) (int64) v)
			return object_fail(o, "Key \"customers\" takes whole numbers of customers.");
		s->customers[j] = (int64) v;
	}
	return true;
}
