/*
 * pareto_nbd_calendar.c
 *		The likelihood of many customers who share their times.
 *
 * Purchases are counted in days or weeks, so a hundred thousand patterns have
 * a few hundred different times between them.  The integrals over the time of
 * death are made of those between neighbouring times, and over these the
 * weights of x + 1 purchases are those of x times alpha / (alpha + u): one
 * multiplication for each node, and no logarithm.  For each number of
 * purchases we sum the integrals from each time to the last one; what a
 * pattern needs is a difference of two of them.
 *
 * That difference loses nothing that counts.  After any time T,
 *
 *		s integral from T to infinity of
 *			(alpha + u)^-(r + x) (beta + u)^-(s + 1) du
 *			<= (alpha + T)^-(r + x) (beta + T)^-s,
 *
 * so what is subtracted is never more than what being alive in the end adds.
 */
#include "clv/pareto_nbd.h"

#include <math.h>

#include "clv/quadrature.h"
#include "clv/specfun.h"

/* With more times than these, patterns hardly share them. */
#define MAX_TIMES 4096

/* Beyond so many purchases customers are few, and panels would be narrow. */
#define MAX_FREQUENCY 256

/* Weights are relative to that at time 0, and must not underflow. */
#define MAX_FALL 600.0

/* Fewer patterns than this are as quickly done one by one. */
#define MIN_PATTERNS 64

/* A node for one number of purchases costs so much less than a pattern alone. */
#define NODES_PER_PATTERN 100

#define CHECK_EVERY 256

typedef struct CalendarNode
{
	double		weight;			/* for the calendar's frequency */
	double		log_alpha;		/* ln ((alpha + u) / alpha) */
	double		log_beta;
	double		share;			/* alpha / (alpha + u) */
	double		grown;			/* u / (alpha + u) */
	double		by_beta;
} CalendarNode;

typedef struct CalendarDay
{
	double		time;
	size_t		nodes_end;		/* of the nodes before the next day */
	double		share;
	double		grown;
	Survival	alive;			/* of who is seen until this day */
	DeathSums	later;			/* deaths between this day and the last */
} CalendarDay;

struct Calendar
{
	ParetoNbd	m;
	double		most;			/* purchases it can do */
	double		frequency;		/* that the weights are for */
	CalendarDay *day;
	size_t		days;
	CalendarNode *node;
	size_t		nodes;
	size_t		room;
};

/* ---------------------------------------------------------------- times */

/* Where this time is, or would be; probably at the hint or after it. */
static size_t
find_time(const double *time, size_t count, double t, size_t hint)
{
	size_t		low = 0;
	size_t		high = count;

	if (hint < count && time[hint] == t)
		return hint;
	if (hint + 1 < count && time[hint + 1] == t)
		return hint + 1;
	while (low < high)
	{
		size_t		middle = (low + high) / 2;

		if (time[middle] < t)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Adds a time to the sorted ones, unless it is there; returns its place. */
static size_t
add_time(double *time, size_t *count, double t, size_t hint)
{
	size_t		place = find_time(time, *count, t, hint);

	if (place == *count || time[place] != t)
	{
		memmove(time + place + 1, time + place, (*count - place) * sizeof(double));
		time[place] = t;
		(*count)++;
	}
	return place;
}

/*
 * The different times of all patterns, and how many different frequencies
 * there are up to most.  0 if there are too many to share.
 */
static size_t
collect_times(const Pattern *pattern, size_t count, double most, double *time,
			  size_t *frequencies)
{
	size_t		times = 0;
	size_t		begin = 0;
	size_t		end = 0;

	*frequencies = 0;
	for (size_t i = 0; i < count && pattern[i].frequency <= most; i++)
	{
		if (i % CHECK_EVERY == 0)
			cv_check_interrupts();
		if (times + 2 > MAX_TIMES)
			return 0;
		begin = add_time(time, &times, pattern[i].recency, begin);
		end = add_time(time, &times, pattern[i].age, end);
		if (i == 0 || pattern[i].frequency != pattern[i - 1].frequency)
			(*frequencies)++;
	}
	return times;
}

/* ---------------------------------------------------------------- making */

/* How many purchases weights bear until the last age. */
static double
most_purchases(const ParetoNbd *m, const Pattern *pattern, size_t count)
{
	double		last = 0;

	for (size_t i = 0; i < count; i++)
		last = Max(last, pattern[i].age);
	if (last == 0)
		return -1;
	return Min(Min(MAX_FREQUENCY, pattern[count - 1].frequency),
			   (MAX_FALL - m->s * log1p(last / m->beta)) / log1p(last / m->alpha) - m->r);
}

static void
add_nodes(Calendar *c, const Deaths *deaths, double from, double to)
{
	const ParetoNbd *m = &c->m;

	if (c->nodes + GAUSS_NODES > c->room)
	{
		c->room = 2 * c->room + GAUSS_NODES;
		c->node = cv_realloc(c->node, c->room * sizeof(CalendarNode));
	}
	for (int i = 0; i < GAUSS_NODES; i++)
	{
		Moment		moment = deaths_moment(deaths, from + (to - from) * gauss_node[i]);
		CalendarNode *node = &c->node[c->nodes++];
		double		u = moment.time;

		node->log_alpha = log1p(u / m->alpha);
		node->log_beta = log1p(u / m->beta);
		node->share = m->alpha / (m->alpha + u);
		node->grown = u / (m->alpha + u);
		node->by_beta = (m->s * u - m->beta) / (m->beta + u);
		node->weight = gauss_weight[i] * (to - from) * moment.density *
			exp(-m->r * node->log_alpha - m->s * node->log_beta);
	}
}

/* The nodes between a day and the next. */
static void
fill_day(Calendar *c, CalendarDay *day, double next)
{
	Deaths		deaths;
	double		end;

	deaths_begin(&deaths, &c->m, c->most, day->time);
	end = log1p((next - day->time) / deaths.near);
	while (deaths.y < end)
	{
		double		from = deaths.y;
		double		to = deaths_next_panel(&deaths, end);

		add_nodes(c, &deaths, from, to);
	}
	day->nodes_end = c->nodes;
}

static void
begin_day(const ParetoNbd *m, CalendarDay *day, double time)
{
	day->time = time;
	day->share = m->alpha / (m->alpha + time);
	day->grown = time / (m->alpha + time);
	day->alive.log_alpha = log1p(time / m->alpha);
	day->alive.log_beta = log1p(time / m->beta);
	day->alive.weight = exp(-m->r * day->alive.log_alpha - m->s * day->alive.log_beta);
	day->alive.by_beta = m->s * time / (m->beta + time);
}

/* NULL if these patterns are better looked at one by one. */
Calendar *
calendar_make(const ParetoNbd *m, const Pattern *pattern, size_t count)
{
	double		most = count >= MIN_PATTERNS ? most_purchases(m, pattern, count) : -1;
	Calendar   *c;
	double	   *time;
	size_t		frequencies = 0;
	size_t		most_nodes;

	if (!(most >= 0))
		return NULL;
	c = cv_alloc(sizeof(Calendar));
	memset(c, 0, sizeof(Calendar));
	c->m = *m;
	c->most = most;
	time = cv_alloc(MAX_TIMES * sizeof(double));
	c->days = collect_times(pattern, count, most, time, &frequencies);
	most_nodes = count * NODES_PER_PATTERN / Max(frequencies, 1);
	if (c->days > 0 && c->days * GAUSS_NODES <= most_nodes)
	{
		c->day = cv_alloc(c->days * sizeof(CalendarDay));
		c->room = c->days * GAUSS_NODES;
		c->node = cv_alloc(c->room * sizeof(CalendarNode));
		for (size_t i = 0; i < c->days && c->nodes <= most_nodes; i++)
		{
			begin_day(m, &c->day[i], time[i]);
			if (i + 1 < c->days)
				fill_day(c, &c->day[i], time[i + 1]);
		}
	}
	cv_free(time);
	if (c->node == NULL || c->nodes > most_nodes)
	{
		calendar_free(c);
		return NULL;
	}
	return c;
}

void
calendar_free(Calendar *c)
{
	if (c->day != NULL)
		cv_free(c->day);
	if (c->node != NULL)
		cv_free(c->node);
	cv_free(c);
}

/* ---------------------------------------------------------------- sums */

static inline double
reweigh(double weight, double more, double share, double log_alpha)
{
	return more == 1 ? weight * share : more == 0 ? weight : weight * exp(-more * log_alpha);
}

static inline void
add_sums(DeathSums *sums, const DeathSums *more)
{
	sums->weight += more->weight;
	sums->log_alpha += more->log_alpha;
	sums->log_beta += more->log_beta;
	sums->by_alpha += more->by_alpha;
	sums->by_beta += more->by_beta;
}

/* Turns all weights to a greater frequency, and sums them anew. */
static void
turn_to(Calendar *c, double frequency)
{
	static const DeathSums none;
	double		more = frequency - c->frequency;
	double		r = c->m.r;
	DeathSums	later = none;
	CalendarNode *node = c->node + c->nodes;

	for (size_t i = c->days; i-- > 0;)
	{
		CalendarDay *day = &c->day[i];
		CalendarNode *first = c->node + (i > 0 ? day[-1].nodes_end : 0);
		DeathSums	until_next = none;

		while (node > first)
		{
			double		w;

			node--;
			w = node->weight = reweigh(node->weight, more, node->share, node->log_alpha);
			until_next.weight += w;
			until_next.log_alpha += w * node->log_alpha;
			until_next.log_beta += w * node->log_beta;
			until_next.by_alpha += w * (r * node->grown - frequency * node->share);
			until_next.by_beta += w * node->by_beta;
		}
		add_sums(&later, &until_next);
		day->later = later;
		day->alive.weight = reweigh(day->alive.weight, more, day->share, day->alive.log_alpha);
		day->alive.by_alpha = r * day->grown - frequency * day->share;
	}
	c->frequency = frequency;
}

static size_t
find_day(const Calendar *c, double t, size_t hint)
{
	size_t		low = 0;
	size_t		high = c->days - 1;

	if (c->day[hint].time == t)
		return hint;
	if (hint + 1 < c->days && c->day[hint + 1].time == t)
		return hint + 1;
	while (low < high)
	{
		size_t		middle = (low + high) / 2;

		if (c->day[middle].time < t)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static inline DeathSums
deaths_between(const CalendarDay *from, const CalendarDay *to)
{
	DeathSums	sums = from->later;

	sums.weight -= to->later.weight;
	sums.log_alpha -= to->later.log_alpha;
	sums.log_beta -= to->later.log_beta;
	sums.by_alpha -= to->later.by_alpha;
	sums.by_beta -= to->later.by_beta;
	return sums;
}

/*
 * Adds the log-likelihood of the first patterns, up to the greatest frequency
 * the calendar can do; returns how many they are.
 */
size_t
calendar_log_likelihood(Calendar *c, const Pattern *pattern, size_t count,
						double *sum, double *gradient)
{
	double		before = 0;
	double		rise = 0;
	size_t		begin = 0;
	size_t		end = 0;
	size_t		i;

	for (i = 0; i < count && pattern[i].frequency <= c->most; i++)
	{
		const Pattern *p = &pattern[i];
		DeathSums	dead;

		if (i % CHECK_EVERY == 0)
			cv_check_interrupts();
		if (i == 0 || p->frequency != c->frequency)
		{
			turn_to(c, p->frequency);
			before = log_rising(c->m.r, p->frequency) - p->frequency * log(c->m.alpha);
			rise = digamma_rise(c->m.r, p->frequency);
		}
		begin = find_day(c, p->recency, begin);
		end = find_day(c, p->age, end);
		dead = deaths_between(&c->day[begin], &c->day[end]);
		*sum += p->customers *
			(before + log(c->day[end].alive.weight + c->m.s * dead.weight));
		if (gradient == NULL)
			continue;
		add_gradient(&c->m, &c->day[end].alive, &dead, p->customers, gradient);
		gradient[0] += p->customers * rise;
	}
	return i;
}
