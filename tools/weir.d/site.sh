# nginx of an instance: a main file of its own around the site that weirctl writes.

config_nginx() {
	mkdir -p "$DIR/nginx/tmp"
	site_new=1
	config_reload
	write_if_changed "$DIR/nginx/nginx.conf" 644 <<-CONF && site_new=0
	$([ "$(id -u)" != 0 ] || echo "user root;")
	worker_processes 2;
	pid $RUN/nginx.master;
	error_log $LOG/nginx-error.log warn;
	events { worker_connections 2048; }
	http {
		include /etc/nginx/mime.types;
		default_type application/octet-stream;
		access_log off;
		server_tokens off;
		sendfile on;
		tcp_nopush on;
		keepalive_requests 10000;
		client_body_temp_path $DIR/nginx/tmp/body;
		proxy_temp_path $DIR/nginx/tmp/proxy;
		fastcgi_temp_path $DIR/nginx/tmp/fastcgi;
		uwsgi_temp_path $DIR/nginx/tmp/uwsgi;
		scgi_temp_path $DIR/nginx/tmp/scgi;
		include $DIR/nginx/site.conf;
	}
	CONF
	site_write && site_new=0
	return $site_new
}

# What the worker runs when the maps have changed.
config_reload() {
	write_if_changed "$DIR/nginx/reload" 755 <<-SH || :
	#!/bin/sh
	# Written by ./weir up: nginx reads its files again.
	[ ! -s "$RUN/nginx.pid" ] || kill -HUP "\$(cat "$RUN/nginx.pid")"
	SH
}

nginx_reload() { "$DIR/nginx/reload"; }

# The site by the settings, the maps by the projects; succeeds when the site is new.
site_write() {
	site_before=$(cksum "$DIR/nginx/site.conf" 2>/dev/null || :)
	{ "$WEIRCTL" nginx-site --output "$DIR/nginx/site.conf" && "$WEIRCTL" nginx-maps; } >"$LOG/up/site.log" 2>&1 ||
		die "this step failed: writing nginx's site" "$(tail -n 3 "$LOG/up/site.log")" "its log: $LOG/up/site.log"
	[ "$site_before" != "$(cksum "$DIR/nginx/site.conf")" ]
}

# Loopback, of both kinds where the machine has both.
listen_on() {
	if [ -s /proc/net/if_inet6 ]; then echo "127.0.0.1:$1, [::1]:$1"; else echo "127.0.0.1:$1"; fi
}
