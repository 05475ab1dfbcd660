/*
 * certificate_aggregate_sql.c
 *		The aggregate certificate(customer, ledger, unit).
 *
 * Of each ledger the server's own SHA-256 is taken over the customer and the
 * canonical bytes of the ledger:
 *
 *		00				customer NULL
 *		01, 8 bytes		customer bigint, the most significant byte first
 *		02, 8 bytes, n bytes	customer text: its length, then its bytes
 *
 * and then what ledger_send() gives.  No such message is the beginning of
 * another one, so that neither a key and a ledger nor keys of two types can be
 * mistaken for each other.
 */
#include "customer_value.h"

#include "common/cryptohash.h"
#include "common/sha2.h"
#include "port/pg_bswap.h"
#include "utils/builtins.h"
#include "utils/resowner.h"

#include "common/arguments_sql.h"
#include "ledger/ledger_sql.h"
#include "profit/certificate_sql.h"

StaticAssertDecl(CHECKSUM_SIZE == PG_SHA256_DIGEST_LENGTH, "a checksum is a sum of SHA-256 digests");

PG_FUNCTION_INFO_V1(certificate_accum_bigint);
PG_FUNCTION_INFO_V1(certificate_accum_text);
PG_FUNCTION_INFO_V1(certificate_combine);
PG_FUNCTION_INFO_V1(certificate_serialize);
PG_FUNCTION_INFO_V1(certificate_deserialize);
PG_FUNCTION_INFO_V1(certificate_final);

/*
 * A context for hashing made anew for each ledger takes a third of the time
 * again, so one serves a whole query.  The server ties it to a resource
 * owner, which would warn of it at the end of the query or free it behind our
 * back after an error; so it gets an owner of its own, and both go with the
 * memory of the query, which is freed either way.
 */
typedef struct Hasher
{
	pg_cryptohash_ctx *context;
	ResourceOwner owner;
	MemoryContextCallback callback;
} Hasher;

static void
hasher_free(void *arg)
{
	Hasher	   *hasher = (Hasher *) arg;

	if (hasher->context)
		pg_cryptohash_free(hasher->context);
	ResourceOwnerDelete(hasher->owner);
}

static Hasher *
hasher_of(FunctionCallInfo fcinfo)
{
	MemoryContext memory = fcinfo->flinfo->fn_mcxt;
	Hasher	   *hasher = (Hasher *) fcinfo->flinfo->fn_extra;
	MemoryContext old;
	ResourceOwner caller;

	if (likely(hasher != NULL))
		return hasher;
	hasher = MemoryContextAllocZero(memory, sizeof(Hasher));
	hasher->owner = ResourceOwnerCreate(NULL, "checksum of certificates");
	hasher->callback.func = hasher_free;
	hasher->callback.arg = hasher;
	MemoryContextRegisterResetCallback(memory, &hasher->callback);

	old = MemoryContextSwitchTo(memory);
	caller = CurrentResourceOwner;
	CurrentResourceOwner = hasher->owner;
	hasher->context = pg_cryptohash_create(PG_SHA256);
	CurrentResourceOwner = caller;
	MemoryContextSwitchTo(old);
	if (hasher->context == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("out of memory"),
				 errdetail("There is none for computing a checksum.")));
	fcinfo->flinfo->fn_extra = hasher;
	return hasher;
}

/* Of the parts of a message, the last of which is the ledger. */
static void
hash(Hasher *hasher, const uint8 *head, size_t head_length,
	 const uint8 *key, size_t key_length, const LedgerView *ledger, uint8 *digest)
{
	pg_cryptohash_ctx *context = hasher->context;
	uint8		format[3] = {LEDGER_VERSION};
	size_t		format_length = 1;

	if (ledger->currency != LEDGER_NO_CURRENCY && ledger->length > 0)
	{
		format[0] |= FLAG_CURRENCY;
		format[1] = (uint8) ledger->currency;
		format[2] = (uint8) (ledger->currency >> 8);
		format_length = 3;
	}
	if (pg_cryptohash_init(context) < 0 ||
		pg_cryptohash_update(context, head, head_length) < 0 ||
		(key_length > 0 && pg_cryptohash_update(context, key, key_length) < 0) ||
		pg_cryptohash_update(context, format, format_length) < 0 ||
		(ledger->length > 0 && pg_cryptohash_update(context, ledger->body, ledger->length) < 0) ||
		pg_cryptohash_final(context, digest, CHECKSUM_SIZE) < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not compute a checksum"),
				 errdetail("SHA-256 of the server failed: %s.", pg_cryptohash_error(context))));
}

/* The customer of argument 1, as the first bytes of the message. */
static void
digest_of(FunctionCallInfo fcinfo, CertificateKeys keys, const LedgerView *ledger,
		  uint8 *digest)
{
	uint8		head[9];
	uint64		word;
	struct varlena *key = NULL;

	if (PG_ARGISNULL(1))
	{
		head[0] = KEYS_NONE;
		hash(hasher_of(fcinfo), head, 1, NULL, 0, ledger, digest);
		return;
	}
	if (keys == KEYS_TEXT)
	{
		key = PG_GETARG_VARLENA_PP(1);
		word = VARSIZE_ANY_EXHDR(key);
	}
	else
		word = (uint64) PG_GETARG_INT64(1);
	head[0] = (uint8) keys;
	word = pg_hton64(word);
	memcpy(head + 1, &word, sizeof(word));
	hash(hasher_of(fcinfo), head, sizeof(head),
		 key ? (const uint8 *) VARDATA_ANY(key) : NULL,
		 key ? VARSIZE_ANY_EXHDR(key) : 0, ledger, digest);
}

/* Months, unless there is an argument. */
static LedgerUnit
unit_of(FunctionCallInfo fcinfo)
{
	if (PG_NARGS() < 4)
		return UNIT_MONTH;
	if (PG_ARGISNULL(3))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("unit must not be null"),
				 errdetail("It says over which periods a certificate has its totals."),
				 errhint("Write 'day', 'week', 'month', 'quarter' or 'year', or leave the argument out for months.")));
	return ledger_unit_from_text(PG_GETARG_VARLENA_PP(3),
								 "Leave the argument out for totals by month.");
}

static Datum
accumulate(FunctionCallInfo fcinfo, CertificateKeys keys)
{
	MemoryContext context = aggregate_context(fcinfo);
	MemoryContext old;
	Certificate *state = PG_ARGISNULL(0) ? NULL : (Certificate *) PG_GETARG_POINTER(0);
	LedgerUnit	unit;
	LedgerView	view;
	uint8		digest[CHECKSUM_SIZE];

	if (PG_ARGISNULL(2))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	unit = unit_of(fcinfo);
	if (state == NULL)
	{
		state = MemoryContextAlloc(context, sizeof(Certificate));
		certificate_open(state);
		state->unit = unit;
	}
	if (state->unit != (int) unit)
		argument_changes("unit");
	if (!PG_ARGISNULL(1))
		state->keys = keys;
	PG_READ_LEDGER(2, &view);
	digest_of(fcinfo, keys, &view, digest);
	old = MemoryContextSwitchTo(context);
	if (!certificate_add(state, view.body, view.length, view.currency, digest))
		certificate_overflow();
	MemoryContextSwitchTo(old);
	PG_RETURN_POINTER(state);
}

Datum
certificate_accum_bigint(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, KEYS_BIGINT);
}

Datum
certificate_accum_text(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, KEYS_TEXT);
}

Datum
certificate_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	MemoryContext old;
	Certificate *state;
	const Certificate *more;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_POINTER(PG_GETARG_POINTER(0));
	}
	more = (const Certificate *) PG_GETARG_POINTER(1);
	old = MemoryContextSwitchTo(context);
	if (PG_ARGISNULL(0))
	{
		state = palloc(sizeof(Certificate));
		certificate_open(state);
		state->unit = more->unit;
	}
	else
		state = (Certificate *) PG_GETARG_POINTER(0);
	if (state->unit != more->unit)
		argument_changes("unit");
	state->keys = Max(state->keys, more->keys);
	if (!certificate_merge(state, more))
		certificate_overflow();
	MemoryContextSwitchTo(old);
	PG_RETURN_POINTER(state);
}

/* The stored form is canonical and checked when it is read: it serves here, too. */
Datum
certificate_serialize(PG_FUNCTION_ARGS)
{
	(void) aggregate_context(fcinfo);
	PG_RETURN_BYTEA_P(certificate_make((const Certificate *) PG_GETARG_POINTER(0)));
}

Datum
certificate_deserialize(PG_FUNCTION_ARGS)
{
	Certificate *state = palloc(sizeof(Certificate));

	(void) aggregate_context(fcinfo);
	certificate_read(PG_GETARG_BYTEA_PP(0), state);
	PG_RETURN_POINTER(state);
}

/* No ledgers add up to nothing, which is a certificate, too. */
Datum
certificate_final(PG_FUNCTION_ARGS)
{
	Certificate none;

	(void) aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
	{
		certificate_open(&none);
		PG_RETURN_CERTIFICATE_P(certificate_make(&none));
	}
	PG_RETURN_CERTIFICATE_P(certificate_make((const Certificate *) PG_GETARG_POINTER(0)));
}
