/* Any text as forwarding headers and as the settings that trust them: an address that is believed is public. */
#include "config.h"
#include "ingest/visitor.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* All headers hold the same. */
static weir_text header(void *ctx, const char *name)
{
	(void)name;
	return *(const weir_text *)ctx;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct weir_ip_rule usual;
	static bool made;
	const void *p = data;
	weir_text text = { p, size }, bad;
	struct weir_ip_rule rule;
	struct weir_client_ip found;

	if (!made && weir_ip_rule_init(&usual, WEIR_TEXT("127.0.0.1, ::1, unix, 10.0.0.0/8"), WEIR_TEXT(""), &bad))
		abort();
	made = true;
	found = weir_client_ip_of(&usual, WEIR_TEXT("127.0.0.1"), (struct weir_headers){ header, &text });
	if (found.ip.n && !weir_ip_is_public(found.ip))
		abort();
	/* From a stranger headers count for nothing: the peer's own address is taken, or none. */
	found = weir_client_ip_of(&usual, WEIR_TEXT("8.8.8.8"), (struct weir_headers){ header, &text });
	if (!weir_text_is(found.ip, "8.8.8.8"))
		abort();
	found = weir_client_ip_of(&usual, text, (struct weir_headers){ header, &text });
	if (found.ip.n && !weir_ip_is_public(found.ip))
		abort();
	if (!weir_ip_rule_init(&rule, text, WEIR_TEXT(""), &bad))
		found = weir_client_ip_of(&rule, WEIR_TEXT("192.0.2.1"), (struct weir_headers){ header, &text });
	if (weir_ip_rule_init(&rule, WEIR_TEXT("unix"), text, &bad) && !bad.p)
		abort();
	return 0;
}
