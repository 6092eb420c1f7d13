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

# interim
site_write() {
	write_if_changed "$DIR/nginx/maps.conf" 644 <<-'CONF' || :
	map $http_origin $weir_allow_origin { default ""; }
	map $http_origin $weir_preflight_origin { default ""; }
	CONF
	sed -e "s#@track_socket@#$RUN/track.sock#; s#@api_socket@#$RUN/api.sock#; s#@real_ip@##; s#@trusted_geo@#127.0.0.0/8 0;#; s#@rate_[a-z]*@#100#; s#@burst_[a-z]*@#100#" \
		-e "s#@maps_file@#$DIR/nginx/maps.conf#; s#@dashboard_origins@##; s#@listen_http@#127.0.0.1:$HTTP_PORT#; s#@listen_https@#127.0.0.1:$TLS_PORT#; s#@server_name@#_#" \
		-e "s#@certificate@#$DIR/tls/cert.pem#; s#@certificate_key@#$DIR/tls/key.pem#; s#@api_body_max@#16m#; s#@track_body_max@#2560k#; s#@fastcgi_params@#/etc/nginx/fastcgi_params#" \
		-e "s#@script_path@#/hello#; s#@static_dir@#$DIR/www#" "$WEIR_TOP/nginx/weir.conf.in" | write_if_changed "$DIR/nginx/site.conf" 644
}
