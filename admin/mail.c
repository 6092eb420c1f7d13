/* weirctl mail: a message that shows whether mail arrives. */
#include "config.h"
#include "ctl.h"

#include "base/id.h"
#include "link/smtp.h"

enum { TIMEOUT_MS = 30 * 1000 };

int ctl_mail(struct ctl *ctl)
{
	char id[WEIR_UUID_LEN + 1];
	uint8_t uuid[16];
	struct weir_fault fault = { .text = "" };
	struct weir_mail mail = {
		.to = weir_text_of(ctl->operands[0]),
		.subject = WEIR_TEXT("Mail from Weir"),
		.text = WEIR_TEXT("This message was sent by \"weirctl mail\". Notifications reach you the same way."),
	};
	weir_err err;

	if (!weir_smtp_configured(&ctl->conf)) {
		ctl_complain("smtp.url is not set: no mail is sent");
		return CTL_CONFIG;
	}
	if (weir_smtp_check(&ctl->conf, &fault)) {
		ctl_complain("%s", fault.text);
		return CTL_CONFIG;
	}
	if (!weir_mail_is_address(mail.to)) {
		ctl_complain("\"%s\" is no address", ctl->operands[0]);
		return CTL_USAGE;
	}
	weir_uuid_new(uuid);
	weir_uuid_text(uuid, id);
	mail.id = weir_text_of(id);
	err = weir_smtp_send(&ctl->conf, &mail, TIMEOUT_MS, &fault);
	if (err) {
		ctl_complain("%s", fault.text);
		return err == WEIR_EUNAVAIL ? CTL_AWAY : CTL_FAILED;
	}
	weir_json_obj(&ctl->out, NULL);
	weir_json_str(&ctl->out, "to", mail.to);
	weir_json_strz(&ctl->out, "messageId", id);
	weir_json_end(&ctl->out);
	if (ctl->json)
		return ctl_answer(ctl, CTL_OK);
	ctl_say(ctl, "%s has taken a message for %s", ctl->conf.smtp_url, ctl->operands[0]);
	return CTL_OK;
}
