/*
 * clv_model.c
 *		A model with its parameters: checking one, and making one from a fit.
 */
#include "clv/clv_model.h"

#include <math.h>

const ModelClass *const model_classes[MODEL_KINDS] = {
	[MODEL_BG_NBD] = &bgnbd_model,
	[MODEL_MBG_NBD] = &mbgnbd_model,
	[MODEL_PARETO_NBD] = &pareto_nbd_model,
	[MODEL_NBD] = &nbd_model,
	[MODEL_BG_BB] = &bgbb_model,
	[MODEL_GAMMA_GAMMA] = &gamma_gamma_model,
	[MODEL_SBG] = &sbg_model,
};

/*
 * No fit comes near, and beyond, scores would run out of the range of a
 * double.
 */
#define SMALLEST_PARAMETER 1e-20
#define LARGEST_PARAMETER 1e20

static const char *
check_covariance(const ClvModel *m, int parameters)
{
	for (int i = 0; i < MODEL_MAX_PARAMETERS; i++)
	{
		bool		known = i < parameters && (m->has_error >> i & 1);

		for (int j = 0; j <= i; j++)
		{
			double		c = m->covariance[COVARIANCE_AT(i, j)];

			if (!isfinite(c))
				return "A covariance is not a finite number.";
			if (!(known && (m->has_error >> j & 1)) && c != 0)
				return "There is a covariance of a parameter without standard error.";
			if (known && i == j && !(c > 0))
				return "A variance is not positive.";
			if (fabs(c) > 1.000001 * sqrt(m->covariance[COVARIANCE_AT(i, i)]) *
				sqrt(m->covariance[COVARIANCE_AT(j, j)]))
				return "A covariance is larger than the variances allow.";
		}
	}
	return NULL;
}

const char *
clv_model_check(const ClvModel *m, size_t size)
{
	const ModelClass *model;

	if (size < CLV_MODEL_SIZE(0))
		return "It is too short.";
	if (m->version != CLV_MODEL_VERSION)
		return "It has a version this release does not know.";
	if (m->kind >= MODEL_KINDS || m->unit > TIME_UNIT_LAST || m->basis > RFM_BASIS_LAST || m->basis == RFM_GIVEN ||
		(m->flags & ~(CLV_MODEL_FITTED | CLV_MODEL_CONVERGED)) || m->reserved != 0 ||
		m->has_error >> MODEL_MAX_PARAMETERS)
		return "It has a mark this release does not know.";
	if (size != CLV_MODEL_SIZE(m->diagnosis_length) || m->diagnosis_length >= DIAGNOSIS_SIZE)
		return "Its length is wrong.";
	model = model_classes[m->kind];
	for (int i = 0; i < MODEL_MAX_PARAMETERS; i++)
	{
		if (i < model->parameters ? !(m->parameter[i] >= SMALLEST_PARAMETER &&
									  m->parameter[i] <= LARGEST_PARAMETER) :
			m->parameter[i] != 0)
			return "Every parameter must be between 1e-20 and 1e20.";
	}
	if (!(m->customers >= 0 && m->customers == floor(m->customers) && m->customers <= 9007199254740992.0))
		return "The number of customers must be a whole number.";
	if (m->basis != RFM_NO_MONETARY && model->subject != MODEL_OF_SPEND)
		return "Only a spend model has a basis.";
	if (!isfinite(m->log_likelihood))
		return "The log-likelihood must be a finite number.";
	if (!(m->flags & CLV_MODEL_FITTED) &&
		(m->customers != 0 || m->log_likelihood != 0 || m->has_error || m->flags))
		return "A model that was not fitted has parameters only.";
	if (memchr(m->diagnosis, '\0', m->diagnosis_length))
		return "The diagnosis has a zero byte.";
	return check_covariance(m, model->parameters);
}

ClvModel *
clv_model_from_fit(ModelKind kind, TimeUnit unit, RfmBasis basis, const Fit *fit)
{
	int			parameters = model_classes[kind]->parameters;
	size_t		length = strlen(fit->diagnosis);
	ClvModel   *m;

	length = cv_clip_length(fit->diagnosis, length, DIAGNOSIS_SIZE - 1);
	m = cv_alloc(CLV_MODEL_SIZE(length));
	memset(m, 0, CLV_MODEL_SIZE(0));
	m->version = CLV_MODEL_VERSION;
	m->kind = kind;
	m->unit = unit;
	m->basis = basis;
	m->flags = CLV_MODEL_FITTED | (fit->converged ? CLV_MODEL_CONVERGED : 0);
	m->customers = fit->customers;
	m->log_likelihood = fit->log_likelihood + 0.0;	/* -0 becomes 0 */
	for (int i = 0; i < parameters; i++)
	{
		m->parameter[i] = fit->parameter[i];
		if (!fit->has_error[i])
			continue;
		m->has_error |= 1 << i;
		for (int j = 0; j <= i; j++)
			if (fit->has_error[j])
				m->covariance[COVARIANCE_AT(i, j)] = fit->covariance[i][j] + 0.0;
	}
	m->diagnosis_length = (uint16) length;
	memcpy(m->diagnosis, fit->diagnosis, length);
	return m;
}

double
clv_model_standard_error(const ClvModel *m, int i)
{
	return m->has_error >> i & 1 ? sqrt(m->covariance[COVARIANCE_AT(i, i)]) : -1;
}
