# customer_value: customer profitability inside PostgreSQL.
#
#   make && make install        build against the pg_config on the PATH
#   make installcheck           regression tests against a running server
#   make unit                   unit tests of the pure C, no server needed
#   ./test/run                  everything: builds, starts a cluster, tests

PG_CONFIG ?= pg_config

EXTENSION = customer_value

# The rooms, from the ground up: a room may call what stands above it in this
# list, never what stands below.
MODULE_big = customer_value
OBJS = \
	src/customer_value.o \
	src/common/amount.o \
	src/common/arguments_sql.o \
	src/common/bytes.o \
	src/common/canonical.o \
	src/common/decimal.o \
	src/common/json.o \
	src/common/json_object.o \
	src/common/names.o \
	src/common/real.o \
	src/common/row_order.o \
	src/common/rows_sql.o \
	src/common/state_sql.o \
	src/common/tails.o \
	src/common/tally.o \
	src/common/tally_sql.o \
	src/common/wide.o \
	src/ledger/ledger.o \
	src/ledger/ledger_check.o \
	src/ledger/ledger_compact.o \
	src/ledger/ledger_divide.o \
	src/ledger/ledger_calendar.o \
	src/ledger/ledger_text.o \
	src/ledger/ledger_value.o \
	src/ledger/ledger_io.o \
	src/ledger/ledger_build.o \
	src/ledger/ledger_total.o \
	src/ledger/ledger_read.o \
	src/ledger/ledger_parts.o \
	src/ledger/ledger_convert.o \
	src/ledger/exchange_rates.o \
	src/rfm/time_unit.o \
	src/rfm/rfm.o \
	src/rfm/rfm_text.o \
	src/rfm/rfm_ledger.o \
	src/rfm/rfm_sql.o \
	src/clv/specfun.o \
	src/clv/quadrature.o \
	src/clv/smooth_sum.o \
	src/clv/whole_periods.o \
	src/clv/beta_geometric.o \
	src/clv/beta_future.o \
	src/clv/bgnbd.o \
	src/clv/mbgnbd.o \
	src/clv/pareto_nbd_deaths.o \
	src/clv/pareto_nbd_calendar.o \
	src/clv/pareto_nbd.o \
	src/clv/nbd.o \
	src/clv/bgbb.o \
	src/clv/gamma_gamma.o \
	src/clv/sbg.o \
	src/clv/patterns.o \
	src/clv/optimizer.o \
	src/clv/fit.o \
	src/clv/clv_model.o \
	src/clv/clv_model_text.o \
	src/clv/clv_model_sql.o \
	src/clv/fit_sql.o \
	src/clv/score_memo_sql.o \
	src/clv/score_sql.o \
	src/clv/clv_sql.o \
	src/clv/sbg_sql.o \
	src/clv/holdout.o \
	src/clv/holdout_text.o \
	src/clv/holdout_sql.o \
	src/clv/holdout_aggregate_sql.o \
	src/clv/likelihood_ratio_sql.o \
	src/retention/formulas.o \
	src/retention/formulas_sql.o \
	src/retention/migration.o \
	src/retention/matrix_text.o \
	src/retention/matrix_sql.o \
	src/retention/transitions_sql.o \
	src/survival/times.o \
	src/survival/curve.o \
	src/survival/curve_text.o \
	src/survival/log_rank.o \
	src/survival/survival_sql.o \
	src/survival/curve_sql.o \
	src/survival/log_rank_sql.o \
	src/segment/exact.o \
	src/segment/values.o \
	src/segment/values_sql.o \
	src/segment/breaks.o \
	src/segment/breaks_layers.o \
	src/segment/breaks_narrow.o \
	src/segment/segmentation.o \
	src/segment/cuts.o \
	src/segment/cuts_text.o \
	src/segment/segmentation_sql.o \
	src/segment/segment_sql.o \
	src/segment/breaking.o \
	src/segment/breaking_options.o \
	src/segment/shares.o \
	src/segment/value_options_sql.o \
	src/segment/in_segment_sql.o \
	src/segment/natural_breaks_sql.o \
	src/segment/quantiles.o \
	src/segment/scheme_cache_sql.o \
	src/features/frame.o \
	src/features/frame_sql.o \
	src/cluster/tiles.o \
	src/cluster/centres.o \
	src/cluster/centres_text.o \
	src/cluster/seeding.o \
	src/cluster/lloyd.o \
	src/cluster/silhouette.o \
	src/cluster/kmeans.o \
	src/cluster/features_sql.o \
	src/cluster/kmeans_sql.o \
	src/cluster/centres_sql.o \
	src/tree/presort.o \
	src/tree/split.o \
	src/tree/grow.o \
	src/tree/prune.o \
	src/tree/branching.o \
	src/tree/tree.o \
	src/tree/tree_text.o \
	src/tree/tree_rules.o \
	src/tree/tree_aggregate_sql.o \
	src/tree/tree_segment_sql.o \
	src/tree/tree_look_sql.o \
	src/scoring/measures.o \
	src/scoring/rfm_scheme.o \
	src/scoring/rfm_scheme_text.o \
	src/scoring/scoring.o \
	src/scoring/rfm_scheme_sql.o \
	src/scoring/rfm_score_sql.o \
	src/scoring/value_grid.o \
	src/scoring/value_grid_sql.o \
	src/scoring/lifecycle.o \
	src/scoring/lifecycle_sql.o \
	src/quality/quality_sql.o \
	src/quality/grouped.o \
	src/quality/grouped_sql.o \
	src/quality/cross_table.o \
	src/quality/cross_table_sql.o \
	src/quality/rank_correlation.o \
	src/quality/rank_correlation_sql.o \
	src/quality/stability.o \
	src/quality/stability_sql.o \
	src/quality/drivers.o \
	src/quality/drivers_sql.o \
	src/quality/segment_quality.o \
	src/quality/segment_quality_sql.o \
	src/profit/whale.o \
	src/profit/whale_sql.o \
	src/profit/gains.o \
	src/profit/concentration_sql.o \
	src/profit/influence.o \
	src/profit/influence_sql.o \
	src/profit/money_sql.o \
	src/profit/allocate.o \
	src/profit/allocate_sql.o \
	src/profit/allocation_sql.o \
	src/profit/channel_move_sql.o \
	src/change/migration_sql.o \
	src/change/quotients.o \
	src/change/price_volume_mix_sql.o \
	src/change/revenue_retention_sql.o \
	src/change/cohorts_sql.o \
	src/profit/certificate.o \
	src/profit/certificate_text.o \
	src/profit/certificate_sql.o \
	src/profit/certificate_aggregate_sql.o \
	src/profile/profile.o \
	src/profile/profile_sql.o \
	src/profile/segment_profile_sql.o \
	src/profile/segment_mix_sql.o \
	src/profile/effort_sql.o \
	src/basket/lines.o \
	src/basket/itemsets.o \
	src/basket/mining.o \
	src/basket/mining_options.o \
	src/basket/suggestions.o \
	src/basket/penetration.o \
	src/basket/lines_sql.o \
	src/basket/association_sql.o \
	src/basket/suggestions_sql.o \
	src/basket/penetration_sql.o \
	src/basket/wallet_sql.o \
	src/directory/duns.o \
	src/directory/duns_sql.o \
	src/directory/roles_sql.o \
	src/directory/ids.o \
	src/directory/components.o \
	src/directory/resolve_sql.o \
	src/directory/hierarchy.o \
	src/directory/dated_cycle.o \
	src/directory/relationship_cycle_sql.o \
	src/directory/upward_sql.o \
	src/directory/roll_up_sql.o \
	src/directory/check_sql.o \
	src/directory/links_sql.o \
	src/directory/relationship_scan_sql.o \
	src/directory/household_sql.o

# The install script of the first version is these parts joined, in this order:
# values and functions, no tables.
VALUE_PARTS = \
	src/preamble.sql \
	src/common/tally.sql \
	src/ledger/ledger.sql \
	src/ledger/ledger_total.sql \
	src/ledger/ledger_parts.sql \
	src/ledger/convert.sql \
	src/rfm/rfm.sql \
	src/clv/clv_model.sql \
	src/clv/clv_fit.sql \
	src/clv/clv_score.sql \
	src/clv/holdout.sql \
	src/retention/retention.sql \
	src/survival/survival.sql \
	src/segment/segment.sql \
	src/segment/breaks.sql \
	src/cluster/cluster.sql \
	src/tree/tree.sql \
	src/scoring/rfm_scheme.sql \
	src/scoring/value_grid.sql \
	src/scoring/lifecycle.sql \
	src/quality/quality.sql \
	src/quality/drivers.sql \
	src/quality/segment_quality.sql \
	src/profit/concentration.sql \
	src/profit/influence.sql \
	src/profit/allocation.sql \
	src/profit/pocket_price.sql \
	src/profit/incentives.sql \
	src/profit/channel_move.sql \
	src/change/migration.sql \
	src/change/price_volume_mix.sql \
	src/change/revenue_retention.sql \
	src/change/cohorts.sql \
	src/profit/certificate.sql \
	src/profile/segment_profile.sql \
	src/profile/segment_mix.sql \
	src/profile/effort.sql \
	src/profile/profile_cards.sql \
	src/basket/basket.sql

# What the customer directory adds.  CREATE EXTENSION runs one script behind the
# other, so that a fresh installation and an upgrade cannot differ.
DIRECTORY_PARTS = \
	src/directory/preamble.sql \
	src/directory/duns.sql \
	src/directory/resolve.sql \
	src/directory/relationship_cycle.sql \
	src/directory/roll_up.sql \
	src/directory/settings.sql \
	src/directory/party.sql \
	src/directory/relationship.sql \
	src/directory/customer_ledger.sql \
	src/directory/directory_api.sql \
	src/directory/household.sql \
	src/directory/household_ledgers.sql \
	src/directory/household_tree.sql \
	src/directory/netting_gap.sql \
	src/directory/directory_views.sql \
	src/directory/credit.sql \
	src/directory/account_team.sql \
	src/directory/party_segment.sql \
	src/directory/merge.sql \
	src/directory/coverage.sql \
	src/directory/authority.sql \
	src/directory/conservation.sql \
	src/directory/faces.sql \
	src/directory/data_quality.sql \
	src/directory/access.sql \
	src/directory/customer_totals.sql

VALUE_SCRIPT = $(EXTENSION)--0.1.0.sql
DIRECTORY_SCRIPT = $(EXTENSION)--0.1.0--0.2.0.sql
DATA_built = $(VALUE_SCRIPT) $(DIRECTORY_SCRIPT)

REGRESS = $(patsubst sql/%.sql,%,$(wildcard sql/*.sql))
REGRESS_OPTS = --inputdir=. --outputdir=$(or $(OUTPUTDIR),.) --load-extension=customer_value --encoding=UTF8

ISOLATION = $(patsubst test/isolation/specs/%.spec,%,$(wildcard test/isolation/specs/*.spec))
ISOLATION_OPTS = --inputdir=test/isolation --outputdir=$(or $(OUTPUTDIR),.)/output_iso --load-extension=customer_value --encoding=UTF8

# Same bits on every machine: no fused multiply-add behind our back.  Among the
# CPPFLAGS, for those reach the bitcode that the server's JIT may inline, too.
PG_CPPFLAGS = -I$(srcdir)/src -ffp-contract=off
PG_CFLAGS = $(WERROR)

# The server loads libraries into one name space: only what it calls is seen
# there.  PostgreSQL 16 and later mark that themselves.
PG_CFLAGS += -fvisibility=hidden
ifneq ($(filter 15.%,$(shell $(PG_CONFIG) --version)),)
PG_CPPFLAGS += -D'PGDLLEXPORT=__attribute__((visibility("default")))'
endif

EXTRA_CLEAN = $(EXTENSION)--*.sql results regression.diffs regression.out test/unit/build

# The same file from every directory it is built in.
PG_CFLAGS += -ffile-prefix-map='$(CURDIR)'=.

PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

$(VALUE_SCRIPT): $(VALUE_PARTS)
	cat $^ > $@

$(DIRECTORY_SCRIPT): $(DIRECTORY_PARTS)
	cat $^ > $@

# Every object is rebuilt when a header or a flag changes: there are few of them.
$(OBJS) $(OBJS:.o=.bc): $(wildcard src/*.h src/*/*.h) Makefile

.PHONY: unit
unit:
	$(MAKE) -C test/unit check

# The layout of the server's own sources, by Debian's package pg-bsd-indent;
# src/typedefs.list has the names of types, which it cannot know.  It pads a
# result type on a line of its own, which is put right after it.
INDENT = pg_bsd_indent -bad -bap -bbb -bc -bl -cli1 -cp33 -cdb -nce -d0 -di12 -nfc1 \
	-i4 -l79 -lp -lpl -nip -npro -sac -tpg -ts4 -Usrc/typedefs.list

.PHONY: indent
indent:
	for file in $$(git ls-files 'src/*.c' 'src/*.h'); do \
		$(INDENT) $$file $$file.new && \
		sed -E 's/^([A-Za-z_][A-Za-z_0-9 ]*[A-Za-z_0-9])[[:space:]]+\*$$/\1 */' $$file.new >$$file || exit 1; \
		rm -f $$file.new; \
	done
