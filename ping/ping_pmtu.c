/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ping_pmtu.h"

static void ask(struct pmtu *m, uint32_t size)
{
	if (m->n_queue < PMTU_ROUND)
		m->queue[m->n_queue++] = size;
}

void pmtu_start(struct pmtu *m, uint32_t least, uint32_t link)
{
	*m = (struct pmtu){
		.least = least < link ? least : link,
		.link = link,
		.failed = link + 1,
	};
	ask(m, link);
}

/* Sizes between what passed and what failed, evenly; all of them if they are few. */
static void ask_between(struct pmtu *m)
{
	uint32_t low = m->passed ? m->passed : m->least - 1, n = m->failed - low - 1;
	uint32_t count = n < PMTU_ROUND ? n : PMTU_ROUND;

	/* The smallest is one of them while nothing has passed. */
	for (uint32_t i = 0; i < count; i++)
		ask(m, low + 1 + (uint32_t)((uint64_t)i * n / count));
}

/* Nothing is open and nothing has passed yet. */
static void go_on_from_nothing(struct pmtu *m)
{
	if (m->failed <= m->least && ++m->n_tries >= PMTU_TRIES)
		m->state = PMTU_SILENT;
	else if (m->failed <= m->least)
		ask(m, m->least);
	else
		ask_between(m);
}

/* Nothing is open: what the next round asks, or the end. */
static void go_on(struct pmtu *m)
{
	uint32_t told = m->told;

	m->n_queue = m->next = 0;
	if (m->passed == m->link)
		m->state = PMTU_WHOLE;
	else if (told > m->passed && told < m->failed && told >= m->least)
		ask(m, told); /* is it true? */
	else if (told && told == m->passed && m->failed > told + 1)
		ask(m, told + 1); /* and is it all? */
	else if (!m->passed)
		go_on_from_nothing(m);
	else if (m->failed > m->passed + 1)
		ask_between(m);
	else if (m->is_told_failed || told == m->passed)
		m->state = PMTU_TOLD;
	else if (++m->n_tries < PMTU_TRIES)
		ask(m, m->failed);
	else
		m->state = PMTU_BLACK_HOLE;
	/* Out of probes: what is known has to do. */
	if (m->n_probes + m->n_queue > PMTU_PROBES) {
		m->n_queue = 0;
		m->state = m->passed ? PMTU_BLACK_HOLE : PMTU_SILENT;
	}
}

bool pmtu_wants(struct pmtu *m)
{
	if (m->state == PMTU_SEARCHING && m->next == m->n_queue && !m->n_open)
		go_on(m);
	return m->state == PMTU_SEARCHING && m->next < m->n_queue;
}

uint32_t pmtu_send(struct pmtu *m, uint32_t seq)
{
	uint32_t size = m->next < m->n_queue ? m->queue[m->next++] : m->least;

	if (seq >= 1 && seq <= PMTU_PROBES) {
		m->sizes[seq - 1] = size;
		m->is_open[seq - 1] = true;
		m->n_probes = seq;
		m->n_open++;
	}
	return size;
}

uint32_t pmtu_size_of(const struct pmtu *m, uint32_t seq)
{
	return seq >= 1 && seq <= PMTU_PROBES ? m->sizes[seq - 1] : 0;
}

/* Returns whether the probe was open. */
static bool settle(struct pmtu *m, uint32_t seq)
{
	if (!pmtu_size_of(m, seq) || !m->is_open[seq - 1])
		return false;
	m->is_open[seq - 1] = false;
	m->n_open--;
	return true;
}

void pmtu_answered(struct pmtu *m, uint32_t seq)
{
	uint32_t size = pmtu_size_of(m, seq);

	(void)settle(m, seq);
	if (size <= m->passed)
		return;
	m->passed = size;
	m->n_tries = 0;
	if (m->failed <= size) { /* its loss was bad luck */
		m->failed = m->link + 1;
		m->is_told_failed = false;
	}
}

static void fail(struct pmtu *m, uint32_t size, bool is_told)
{
	if (size <= m->passed || size > m->failed)
		return;
	if (size < m->failed) {
		m->n_tries = 0;
		m->is_told_failed = is_told;
	}
	m->is_told_failed |= is_told;
	m->failed = size;
}

void pmtu_lost(struct pmtu *m, uint32_t seq)
{
	if (settle(m, seq))
		fail(m, pmtu_size_of(m, seq), false);
}

void pmtu_too_big(struct pmtu *m, uint32_t seq, uint32_t mtu, const struct addr *from)
{
	uint32_t size = pmtu_size_of(m, seq);

	if (!settle(m, seq))
		return;
	fail(m, size, true);
	/* One that says no less than the packet had lies; none may take less than the least. */
	if (mtu >= m->least && mtu < size && (!m->told || mtu < m->told)) {
		m->told = mtu;
		m->told_by = *from;
	} else if (!m->told_by.len) {
		m->told_by = *from;
	}
}

const char *pmtu_word(enum pmtu_state state)
{
	switch (state) {
	case PMTU_WHOLE: return "link";
	case PMTU_TOLD: return "told";
	case PMTU_BLACK_HOLE: return "black-hole";
	case PMTU_SILENT: return "silent";
	case PMTU_SEARCHING: break;
	}
	return "unknown";
}
