/* The least a FastCGI responder can do with a request: read it and say yes. The yardstick for weir-track. */
#include "config.h"

#include <fcgiapp.h>

int main(void)
{
	FCGX_Request rq;
	char buf[4096];

	if (FCGX_Init() || FCGX_InitRequest(&rq, 0, 0))
		return 1;
	while (!FCGX_Accept_r(&rq)) {
		while (FCGX_GetStr(buf, sizeof(buf), rq.in) == (int)sizeof(buf))
			;
		FCGX_FPrintF(rq.out, "Status: 200 OK\r\nContent-Type: application/json\r\nContent-Length: 84\r\n\r\n%s",
			"{\"deviceId\":\"00000000000000000000000000000000\",\"sessionId\":\"0000000000000000000000\"}");
		FCGX_Finish_r(&rq);
	}
	return 0;
}
