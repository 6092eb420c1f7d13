#include "config.h"
#include "base/err.h"

int weir_err_status(weir_err err)
{
	static const short status[] = {
#define X(name, code, text) [WEIR_##name] = code,
		WEIR_ERRORS(X)
#undef X
	};
	return status[err];
}

const char *weir_err_text(weir_err err)
{
	static const char *const texts[] = {
#define X(name, code, text) [WEIR_##name] = text,
		WEIR_ERRORS(X)
#undef X
	};
	return texts[err];
}
