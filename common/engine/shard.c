/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/shard.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"

#define WANTED "a shard such as 1/4: the first of four, of at most 1000000"

static int bad_text(struct why *why, const char *text)
{
	char shown[80];

	(void)text_clean(shown, sizeof(shown), text, strlen(text));
	return why_set(why, E_BAD, "'%s' is not " WANTED, shown);
}

int shard_parse(const char *text, struct shard *out, struct why *why)
{
	const char *slash = strchr(text, '/');
	uint64_t index, count;
	char head[16];

	if (!slash || (size_t)(slash - text) >= sizeof(head))
		return bad_text(why, text);
	memcpy(head, text, (size_t)(slash - text));
	head[slash - text] = '\0';
	if (num_u64(slash + 1, 1, SHARD_MAX, &count, NULL) < 0 ||
	    num_u64(head, 1, count, &index, NULL) < 0)
		return bad_text(why, text);
	out->index = (uint32_t)index - 1;
	out->count = (uint32_t)count;
	return 0;
}

/* The number in the variable @name. Returns E_NOENT if it is not set. */
static int read_number(const char *(*env)(const char *), const char *name, uint64_t *out,
		       struct why *why)
{
	const char *text = env(name);
	char shown[80];

	if (!text)
		return why_set(why, E_NOENT, "%s is not set", name);
	if (num_u64(text, 0, UINT32_MAX, out, NULL) == 0)
		return 0;
	(void)text_clean(shown, sizeof(shown), text, strlen(text));
	return why_set(why, E_BAD, "%s is '%s', which is no number", name, shown);
}

/* The names of the variables. Indices go from first to last by steps; NULL: from 0, by 1. */
struct scheduler {
	const char *index, *count, *first, *last, *step;
	const char *cure; /* when the count is missing */
};

static const struct scheduler slurm_array = {"SLURM_ARRAY_TASK_ID",   "SLURM_ARRAY_TASK_COUNT",
					     "SLURM_ARRAY_TASK_MIN",  "SLURM_ARRAY_TASK_MAX",
					     "SLURM_ARRAY_TASK_STEP", "give --shard I/N"};
/* Of srun alone: a batch script has SLURM_PROCID and SLURM_NTASKS too, and is one process. */
static const struct scheduler slurm_step = {
	.index = "SLURM_PROCID", .count = "SLURM_STEP_NUM_TASKS", .cure = "give --shard I/N"};
static const struct scheduler slurm_task = {
	.index = "SLURM_PROCID", .count = "SLURM_NTASKS", .cure = "give --shard I/N"};
static const struct scheduler kubernetes = {
	.index = "JOB_COMPLETION_INDEX",
	.count = "JOB_COMPLETIONS",
	.cure = "Kubernetes does not set it; name the job's completions in the pod's env"};

/* What may be missing, or have no name at all, is @out as it was. */
static int read_optional(const char *(*env)(const char *), const char *name, uint64_t *out,
			 struct why *why)
{
	return name && env(name) ? read_number(env, name, out, why) : 0;
}

static int read_place(const char *(*env)(const char *), const struct scheduler *s,
		      struct shard *out, struct why *why)
{
	uint64_t index = 0, count = 0, first = 0, last, step = 1;
	int err = read_number(env, s->index, &index, why);

	if (err)
		return err;
	err = read_number(env, s->count, &count, why);
	if (err == E_NOENT)
		return why_set(why, E_BAD, "%s is set, but %s is not: %s", s->index, s->count,
			       s->cure);
	if (!err)
		err = read_optional(env, s->first, &first, why);
	if (!err)
		err = read_optional(env, s->step, &step, why);
	last = first + (count - 1) * step;
	if (!err)
		err = read_optional(env, s->last, &last, why);
	if (err)
		return err;
	/* A list of any numbers says which task this is, but not the how manieth. */
	if (!count || count > SHARD_MAX || !step || index < first || (index - first) % step ||
	    (index - first) / step >= count || (last - first) / step + 1 != count)
		return why_set(why, E_BAD,
			       "%s=%s does not count the %s=%s parts one by one: give --shard I/N",
			       s->index, env(s->index), s->count, env(s->count));
	out->index = (uint32_t)((index - first) / step);
	out->count = (uint32_t)count;
	return 0;
}

/* An array of jobs whose tasks are several processes each: the parts of parts. */
static int read_array(const char *(*env)(const char *), struct shard *out, struct why *why)
{
	struct shard step = {0};
	int err = read_place(env, &slurm_array, out, why);

	if (err || !env(slurm_step.count))
		return err;
	err = read_place(env, &slurm_step, &step, why);
	if (err)
		return err;
	if ((uint64_t)out->count * step.count > SHARD_MAX)
		return why_set(why, E_RANGE, "%u array tasks of %u processes are too many shards",
			       out->count, step.count);
	out->index = out->index * step.count + step.index;
	out->count *= step.count;
	return 0;
}

int shard_auto(const char *(*env)(const char *name), struct shard *out, struct why *why)
{
	int err = read_array(env, out, why);

	if (err == E_NOENT)
		err = read_place(env, env(slurm_step.count) ? &slurm_step : &slurm_task, out, why);
	if (err == E_NOENT)
		err = read_place(env, &kubernetes, out, why);
	if (err == E_NOENT)
		return why_set(why, err,
			       "no scheduler says which shard this is: none of %s, %s and %s is "
			       "set; give --shard I/N",
			       slurm_array.index, slurm_task.index, kubernetes.index);
	return err;
}

void shard_seed(struct shard *s, uint64_t seed)
{
	/* "pktshard" as a number, so that no other hash of the house goes along with this one. */
	s->key = (struct sipkey){.k0 = seed, .k1 = 0x706b747368617264ull};
}

bool shard_has(const struct shard *s, const void *id, size_t len)
{
	return s->count < 2 || siphash(&s->key, id, len) % s->count == s->index;
}

bool shard_has_addr(const struct shard *s, const struct addr *addr)
{
	return shard_has(s, addr->bytes, addr->len);
}

bool shard_has_name(const struct shard *s, const char *name)
{
	char small[1024];
	size_t n = 0;

	if (s->count < 2)
		return true;
	for (; n < sizeof(small) && name[n]; n++)
		small[n] =
			(char)(name[n] >= 'A' && name[n] <= 'Z' ? name[n] + ('a' - 'A') : name[n]);
	return shard_has(s, small, n);
}

const char *shard_text(const struct shard *s, char *out)
{
	snprintf(out, SHARD_TEXT_MAX, "%u/%u", s->index + 1, s->count);
	return out;
}
