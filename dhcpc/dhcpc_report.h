/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dhcpc_report - the records, for the files that write them.
 */
#ifndef PKT_DHCPC_REPORT_H
#define PKT_DHCPC_REPORT_H

#include "dhcpc.h"

extern const struct record_type dhcpc_sent_records[];
extern const struct record_type dhcpc_offer_record, dhcpc_ack_record, dhcpc_nak_record,
	dhcpc_ignored_record, dhcpc_bound_record, dhcpc_conflict_record, dhcpc_state_record,
	dhcpc_diff_record, dhcpc_summary_record, dhcpc_message_record, dhcpc_check_record;

/* dhcpc_option_lines() - the options of a message, a line each. */
void dhcpc_option_lines(struct dhcpc *d, const struct dhcp_msg *m);

/* dhcpc_options_field() - the options of a message as the field "options". */
void dhcpc_options_field(struct rec *r, const struct dhcp_msg *m);

#endif
