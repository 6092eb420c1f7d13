#include "config.h"
#include "rest/back.h"

#include "base/id.h"
#include "base/log.h"
#include "meta/mail.h"

void weir_back_to(struct weir_req *r, weir_text to)
{
	r->status = 302;
	r->content_type = NULL;
	weir_req_header(r, "Location", to.n ? to : WEIR_TEXT("/"));
	weir_req_header(r, "Cache-Control", WEIR_TEXT("no-store"));
}

void weir_back_fail(const struct weir_meta *m, struct weir_req *r, const char *why)
{
	char id[WEIR_UUID_LEN + 1];
	uint8_t bytes[16];
	weir_str behind;

	weir_uuid_new(bytes);
	weir_uuid_text(bytes, id);
	why = why ? why : "An error occurred";
	weir_log(LOG_NOTICE, "oauth", "id=%s error=\"%s\"", id, why);
	weir_str_init(&behind, 4096);
	weir_str_component(&behind, weir_text_of(why));
	weir_str_puts(&behind, "&correlationId=");
	weir_str_puts(&behind, id);
	weir_back_to(r, weir_dashboard_page(m, "/login?error=", weir_str_view(&behind)));
	weir_str_free(&behind);
}

weir_text weir_back_page(const struct weir_meta *m, const weir_text *segments, size_t count)
{
	weir_text page;
	weir_str path;

	weir_str_init(&path, 8192);
	for (size_t i = 0; i < count; i++) {
		weir_str_putc(&path, '/');
		weir_str_component(&path, segments[i]);
	}
	page = weir_str_err(&path) ? (weir_text){ NULL, 0 } : weir_dashboard_page(m, "", weir_str_view(&path));
	weir_str_free(&path);
	return page;
}
