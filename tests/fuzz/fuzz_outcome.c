/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shards, limits of --check, names in a plugin's line and in Prometheus' labels. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/shard.h"
#include "fuzz.h"
#include "out/check.h"
#include "out/metrics.h"

#define LEN_MAX 200u /* all ends of texts are within; longer ones only take longer */

static const struct check_quantity quantities[] = {
	{"rta", "rta", "ms", "0"},
	{"loss", "pl", "%", "0;100"},
	{NULL, NULL, NULL, NULL},
};

static const struct metric table[] = {
	{"up", METRIC_GAUGE, "Whether it is."},
	{NULL, METRIC_GAUGE, NULL},
};

static const char *text; /* the input, for whoever asks for a variable */

static const char *env(const char *name)
{
	return strstr(name, "COUNT") || strstr(name, "TASKS") ? "7" : text;
}

static void try_shard(void)
{
	struct shard s = {0};
	struct why why;
	unsigned n = 0;

	shard_seed(&s, 1);
	if (shard_parse(text, &s, &why) == 0)
		must(s.count && s.index < s.count && strchr(text, '/'));
	if (shard_auto(env, &s, &why) == 0)
		must(s.count && s.index < s.count);
	for (s.count = 5, s.index = 0; s.index < s.count; s.index++)
		n += shard_has_name(&s, text);
	must(n == 1);
}

static void try_check(void)
{
	static struct check c;
	char line[CHECK_LINE_MAX];
	struct text t = text_make(line, sizeof(line));
	struct why why;

	if (check_parse(&c, quantities, text, &why) < 0 &&
	    check_parse(&c, quantities, "rta=1:5", &why) < 0)
		must(false);
	for (unsigned i = 0; i < 3; i++)
		check_add(&c, text, CHECK_OK, text, (const double[]){i * 4, (double)NAN});
	check_line(&c, "ping", text, &t);
	must(!t.cut && !strchr(line, '\n'));
	/* One bar, between what a person reads and the performance data. */
	must(strchr(line, '|') && strchr(line, '|') == strrchr(line, '|'));
}

/* One line a sample, and each quote in it but those around values escaped. */
static int sink(void *arg, const char *line, size_t len, struct why *why)
{
	unsigned quotes = 0;

	(void)arg;
	(void)why;
	must(len && line[len - 1] == '\n');
	for (size_t i = 0; line[0] != '#' && i + 1 < len; i++) {
		must((unsigned char)line[i] >= ' ');
		if (line[i] == '\\')
			i++;
		else
			quotes += line[i] == '"';
	}
	must(line[0] == '#' || quotes == 4);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct metric_label labels[] = {{"target", NULL}, {NULL, NULL}};
	char *word;
	struct metrics *m;
	struct why why = {0};

	if (len > LEN_MAX)
		return 0;
	word = malloc(len + 1);
	must(word != NULL);
	memcpy(word, data, len);
	word[len] = '\0';
	text = word;
	try_shard();
	try_check();
	labels[0].value = word;
	m = metrics_new(table, word);
	metrics_set(m, "up", labels, 1);
	must(metrics_write(m, sink, NULL, &why) == 0);
	metrics_free(m);
	free(word);
	return 0;
}
