/*
 * clv_model.h
 *		A model with its parameters, type "clv_model": fitted, or typed in.
 *
 * The struct behind the varlena header is the stored form, read in place at
 * double alignment, so that scoring a million customers unpacks nothing.
 * Every byte is defined; equal models have equal bytes.
 */
#ifndef CV_CLV_MODEL_H
#define CV_CLV_MODEL_H

#include "common/host.h"

#include "clv/fit.h"
#include "clv/model.h"
#include "rfm/rfm.h"

#define CLV_MODEL_VERSION 1

/* Stored, so never renumber; the order of model_classes[]. */
typedef enum ModelKind
{
	MODEL_BG_NBD,
	MODEL_MBG_NBD,
	MODEL_PARETO_NBD,
	MODEL_NBD,
	MODEL_BG_BB,
	MODEL_GAMMA_GAMMA,
	MODEL_SBG
} ModelKind;

#define MODEL_KINDS (MODEL_SBG + 1)

extern const ModelClass *const model_classes[MODEL_KINDS];

#define CLV_MODEL_FITTED 0x01	/* customers and log_likelihood are known */
#define CLV_MODEL_CONVERGED 0x02

/* The lower triangle, by rows. */
#define COVARIANCES (MODEL_MAX_PARAMETERS * (MODEL_MAX_PARAMETERS + 1) / 2)
#define COVARIANCE_AT(i, j) ((i) * ((i) + 1) / 2 + (j)) /* j <= i */

typedef struct ClvModel
{
	uint32		header;			/* varlena's length word */
	uint8		version;		/* CLV_MODEL_VERSION */
	uint8		kind;			/* ModelKind */
	uint8		unit;			/* TimeUnit */
	uint8		basis;			/* RfmBasis of a spend model, if it has a name */
	uint8		flags;
	uint8		has_error;		/* bit i: parameter i has a standard error */
	uint16		diagnosis_length;
	uint32		reserved;		/* zero */
	double		customers;
	double		log_likelihood;
	double		parameter[MODEL_MAX_PARAMETERS];	/* 0 beyond the model's
													 * own */
	double		covariance[COVARIANCES];
	char		diagnosis[FLEXIBLE_ARRAY_MEMBER];	/* not terminated */
} ClvModel;

#define CLV_MODEL_SIZE(diagnosis_length) \
	(offsetof(ClvModel, diagnosis) + (diagnosis_length))

/* What is wrong with a text: a full sentence. */
#define MODEL_WHY_SIZE 200

/* The one validator: NULL if all is well, else why not. */
extern const char *clv_model_check(const ClvModel *model, size_t size);

/* Text form: JSON, see clv_model_text.c.  NULL, and why, if it is not one. */
extern ClvModel *clv_model_parse(const char *text, size_t length, char *why);
extern char *clv_model_print(const ClvModel *model);

/* From a fit; header left 0. */
extern ClvModel *clv_model_from_fit(ModelKind kind, TimeUnit unit, RfmBasis basis,
									const Fit *fit);

static inline const ModelClass *
clv_model_class(const ClvModel *model)
{
	return model_classes[model->kind];
}

/* Parameter i's; negative if it has none. */
extern double clv_model_standard_error(const ClvModel *model, int i);

#endif							/* CV_CLV_MODEL_H */
