/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * outcome - what a run comes to, for those who watch over it: metrics for Prometheus
 * (--format=prom), or the line and state of a monitoring plugin (--check).
 *
 * Layer: cli.
 * A tool that has such names its metrics and quantities in its struct options_tool, and says what
 * each target came to by metrics_set(run->metrics, ...) and check_add(&run->options.check, ...).
 */
#ifndef PKT_CLI_OUTCOME_H
#define PKT_CLI_OUTCOME_H

#include "cli/tool.h"

/*
 * outcome_open() - before all else is opened: a file is written by a process of its own.
 * Returns 0 or an error.
 */
int must_check outcome_open(struct run *run, const struct options_tool *tool, struct why *why);

/*
 * outcome_renew() - writes the file of metrics as they are now, for a run that is long. Nothing
 * without one.
 */
void outcome_renew(struct run *run);

/*
 * outcome_close() - writes what was asked for. @status: the exit status, changed where it is a
 * plugin's. Returns 0, or an error that has been told: output is lost.
 */
int must_check outcome_close(struct run *run, int *status);

#endif
