# Pages of a site of a test's own, over TLS: one nginx for all host names, so that only the name differs.
#
#	. "$srcdir/tests/lib/instance.sh"; . "$srcdir/tests/lib/site.sh"
#	need_site                         SITE_PORT, known before up --origin "https://shop.test:$SITE_PORT"
#	page FILE [NAME]                  a page of tests/e2e; @API@, @SCRIPT@ and @CLIENT@ are those of the instance
#	start_site                        any path that is no file is index.html
need_site() {
	need chromium openssl
	SITE_PORT=$(free_port)
	CHROMIUM=$(command -v chromium)
	export SITE_PORT CHROMIUM
	mkdir -p "$T/site" "$T/site.d"
}

page() {
	sed -e "s#@API@#$(of .tlsUrl)/api#; s#@SCRIPT@#$(of .tlsUrl)/op1.js#; s#@CLIENT@#$(of .clients.write.id)#" \
		"$srcdir/tests/e2e/$1" >"$T/site/${2:-index.html}"
}

start_site() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=shop.test \
		-keyout "$T/site.d/key.pem" -out "$T/site.d/cert.pem" 2>/dev/null
	{
		[ "$(id -u)" != 0 ] || echo "user root;"
		cat <<-NGINX
		daemon off; worker_processes 1; pid $T/site.d/pid; error_log $T/log/site-error.log warn;
		events { worker_connections 128; }
		http {
			access_log off; include /etc/nginx/mime.types;
			client_body_temp_path $T/site.d/b; proxy_temp_path $T/site.d/p; fastcgi_temp_path $T/site.d/f;
			uwsgi_temp_path $T/site.d/u; scgi_temp_path $T/site.d/s;
			server {
				listen 127.0.0.1:$SITE_PORT ssl;
				ssl_certificate $T/site.d/cert.pem; ssl_certificate_key $T/site.d/key.pem;
				root $T/site;
				location / { try_files \$uri /index.html; }
			}
		}
		NGINX
	} >"$T/site.d/nginx.conf"
	start site "${NGINX_BIN:-nginx}" -e "$T/log/site-error.log" -p "$T/site.d/" -c "$T/site.d/nginx.conf"
	ready site 20 curl -sk -o /dev/null "https://127.0.0.1:$SITE_PORT/"
}
