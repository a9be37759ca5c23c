/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * options - the command line that all tools share, as one argp child.
 *
 * Layer: cli.
 * Every shared option has a long name in every tool. Its short letter is a tool's to grant, since
 * the letters of the program that the tool replaces come first.
 */
#ifndef PKT_CLI_OPTIONS_H
#define PKT_CLI_OPTIONS_H

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "engine/targets.h"
#include "out/check.h"
#include "out/metrics.h"

struct options {
	/* Targets. */
	struct targets
		*targets;   /* filled by --file, --generate, --exclude and the tool's operands */
	int family;         /* 4, 6, or 0 for either */
	struct shard shard; /* count 0: the whole list */
	char shard_text[SHARD_TEXT_MAX];
	bool has_seed;
	uint64_t seed; /* 0 if not given */
	/* Timing. */
	uint64_t count; /* 0: not given */
	bool has_interval, has_timeout, has_rate;
	uint64_t interval_ns, timeout_ns;
	uint64_t deadline_ns; /* 0: none */
	double rate;          /* packets a second, 0: no limit */
	/* Output. */
	bool is_json, is_explain, is_hex, is_quiet, is_numeric;
	int verbose;
	const char *json_form; /* of --json=FORM, NULL for our own records */
	const char *pcap;      /* file to write the exchange to, NULL for none */
	bool is_prom;          /* --format=prom: metrics, at the end */
	const char *output;    /* where they go; NULL: standard output */
	bool is_check;         /* a plugin's line and exit status */
	struct check check;
	const char *vantage, *run_id; /* NULL: not given */
	/* The program itself. */
	bool no_sandbox;
	bool want_help, want_usage, want_version, want_schema;
	struct why fault; /* why parsing failed */
};

/* What a tool says of its command line. */
struct options_tool {
	const char *letters;               /* short letters that shared options may have here */
	const struct argp_option *options; /* the tool's own */
	argp_parser_t parser;              /* for them and for the operands; see options_input() */
	const char *args_doc, *doc;        /* as in struct argp */
	const char *lacks; /* names of shared options that mean nothing here; NULL for none */
	bool is_in_order;  /* operands and options reach the parser in the order they are typed */
	const char *const *json_forms; /* what --json=FORM may say, NULL at its end; or NULL */
	const struct metric *metrics;  /* of --format=prom, see out/metrics.h; NULL: none */
	const struct check_quantity *quantities; /* of --check, see out/check.h; NULL: none */
};

/*
 * options_parse() - reads the command line into @o and, through the tool's parser, into
 * @tool_input.
 * Returns: 0; E_MEM; or E_BAD, both with o->fault saying which option and what it takes.
 */
int must_check options_parse(struct options *o, const struct options_tool *tool, void *tool_input,
			     int argc, char **argv);

/* options_help() - prints --help (or, @is_usage, --usage) to @f. */
void options_help(const struct options_tool *tool, const char *name, bool is_usage, FILE *f);

/*
 * options_fault() - for a tool's parser: notes what is wrong with the value @arg of the option
 * named
 * @option ("-s"), and returns EINVAL for argp. @wanted: "a size from 0 to 65507".
 */
error_t options_fault(struct argp_state *state, const char *option, const char *arg,
		      const char *wanted);

/*
 * options_of(), options_input() - for a tool's parser: the shared options, and the tool's own
 * struct, being filled.
 */
struct options *options_of(const struct argp_state *state);
void *options_input(const struct argp_state *state);

#endif
