#include "config.h"
#include "link/no_route.h"

#include "base/jsonw.h"

void weir_req_no_route(struct weir_req *r)
{
	weir_text parts[] = { WEIR_TEXT("Route "), r->method, WEIR_TEXT(":"), r->path, WEIR_TEXT(" not found") };
	weir_str message;
	weir_json j;

	r->status = 404;
	r->content_type = "application/json; charset=utf-8";
	weir_str_reset(r->out);
	weir_str_init(&message, r->path.n + r->method.n + 64);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		weir_str_text(&message, parts[i]);
	weir_json_init(&j, r->out);
	weir_json_obj(&j, NULL);
	weir_json_str(&j, "message", weir_str_view(&message));
	weir_json_strz(&j, "error", "Not Found");
	weir_json_int(&j, "statusCode", 404);
	weir_json_end(&j);
	if (weir_json_done(&j) && !r->out->err)
		r->out->err = WEIR_EINTERNAL;
	weir_str_free(&message);
}
