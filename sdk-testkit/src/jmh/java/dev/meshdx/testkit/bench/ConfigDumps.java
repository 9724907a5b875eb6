package dev.meshdx.testkit.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.IntFunction;

/**
 * Config dumps of a sidecar, in Envoy's own layout (indented by one space) and proportions: about 60 % of the bytes are
 * clusters, 20 % endpoints, 15 % routes. The same arguments give the same bytes.
 */
final class ConfigDumps {
    /** A service takes about so many bytes in all sections together. */
    static final int BYTES_PER_SERVICE = 7_500;

    private ConfigDumps() {}

    /** The host of a service in a dump. */
    static String host(int service) {
        return "service-" + service + ".team-" + service % 40 + ".svc.cluster.local";
    }

    /** A dump of about so many bytes. */
    static byte[] ofSize(int bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(bytes + bytes / 10);
        write(out, Math.max(1, bytes / BYTES_PER_SERVICE));
        return out.toByteArray();
    }

    /** Writes a dump with so many services, each with four endpoints. */
    static void write(OutputStream out, int services) {
        try {
            print(out, "{\n \"configs\": [\n");
            section(out, "ClustersConfigDump", "dynamic_active_clusters", services, ConfigDumps::cluster);
            print(out, ",\n");
            section(out, "EndpointsConfigDump", "dynamic_endpoint_configs", services, ConfigDumps::endpoints);
            print(out, ",\n");
            section(out, "ListenersConfigDump", "dynamic_listeners", 1, i -> LISTENER);
            print(out, ",\n");
            routes(out, services);
            print(out, "\n ]\n}\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What {@code /clusters?format=json} says of as many services. */
    static String status(int services) {
        StringBuilder out = new StringBuilder("{\n \"cluster_statuses\": [\n");
        for (int i = 0; i < services; i++) {
            out.append(i == 0 ? "" : ",\n").append("""
                      {
                       "name": "outbound|8080||%s",
                       "added_via_api": true,
                       "host_statuses": [
                    """.formatted(host(i)));
            for (int j = 0; j < 4; j++) {
                out.append(j == 0 ? "" : ",\n").append("""
                            {
                             "address": {
                              "socket_address": {
                               "address": "10.%d.%d.%d",
                               "port_value": 8080
                              }
                             },
                             "stats": [
                              {
                               "name": "cx_connect_fail"
                              },
                              {
                               "value": "12",
                               "name": "cx_total"
                              },
                              {
                               "name": "rq_error"
                              },
                              {
                               "value": "120",
                               "name": "rq_success"
                              },
                              {
                               "name": "rq_timeout"
                              },
                              {
                               "value": "120",
                               "name": "rq_total"
                              },
                              {
                               "type": "GAUGE",
                               "name": "cx_active"
                              },
                              {
                               "type": "GAUGE",
                               "name": "rq_active"
                              }
                             ],
                             "health_status": {
                              "eds_health_status": "HEALTHY"
                             },
                             "weight": 1,
                             "locality": {}
                            }""".formatted(j, i / 250, i % 250));
            }
            out.append("\n   ]\n  }");
        }
        return out.append("\n ]\n}\n").toString();
    }

    private static void section(OutputStream out, String type, String list, int count, IntFunction<String> item)
            throws IOException {
        print(out, "  {\n   \"@type\": \"type.googleapis.com/envoy.admin.v3." + type + "\",\n   \"" + list + "\": [\n");
        for (int i = 0; i < count; i++) {
            print(
                    out,
                    (i == 0 ? "" : ",\n")
                            + item.apply(i).stripTrailing().indent(4).stripTrailing());
        }
        print(out, "\n   ]\n  }");
    }

    private static void routes(OutputStream out, int services) throws IOException {
        print(out, """
                  {
                   "@type": "type.googleapis.com/envoy.admin.v3.RoutesConfigDump",
                   "dynamic_route_configs": [
                    {
                     "version_info": "2026-03-01T12:00:00Z/7",
                     "route_config": {
                      "@type": "type.googleapis.com/envoy.config.route.v3.RouteConfiguration",
                      "name": "8080",
                      "virtual_hosts": [
                """);
        for (int i = 0; i < services; i++) {
            print(
                    out,
                    (i == 0 ? "" : ",\n")
                            + virtualHost(i).stripTrailing().indent(7).stripTrailing());
        }
        print(out, """

                      ],
                      "validate_clusters": false
                     },
                     "last_updated": "2026-03-01T12:00:00.000Z"
                    }
                   ]
                  }""");
    }

    private static void print(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String cluster(int i) {
        return """
                {
                 "version_info": "2026-03-01T12:00:00Z/7",
                 "cluster": {
                  "@type": "type.googleapis.com/envoy.config.cluster.v3.Cluster",
                  "name": "outbound|8080||%1$s",
                  "type": "EDS",
                  "eds_cluster_config": {
                   "eds_config": {
                    "ads": {},
                    "initial_fetch_timeout": "0s",
                    "resource_api_version": "V3"
                   },
                   "service_name": "outbound|8080||%1$s"
                  },
                  "connect_timeout": "10s",
                  "lb_policy": "LEAST_REQUEST",
                  "circuit_breakers": {
                   "thresholds": [
                    {
                     "max_connections": 4294967295,
                     "max_pending_requests": 4294967295,
                     "max_requests": 4294967295,
                     "max_retries": 4294967295,
                     "track_remaining": true
                    }
                   ]
                  },
                  "common_lb_config": {
                   "healthy_panic_threshold": {}
                  },
                  "alt_stat_name": "outbound|8080||%1$s;",
                  "metadata": {
                   "filter_metadata": {
                    "istio": {
                     "services": [
                      {
                       "host": "%1$s",
                       "namespace": "team-%2$d",
                       "name": "service-%3$d"
                      }
                     ]
                    }
                   }
                  },
                  "transport_socket_matches": [
                   {
                    "name": "tlsMode-istio",
                    "match": {
                     "tlsMode": "istio"
                    },
                    "transport_socket": {
                     "name": "envoy.transport_sockets.tls",
                     "typed_config": {
                      "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
                      "common_tls_context": {
                       "tls_params": {
                        "tls_minimum_protocol_version": "TLSv1_2",
                        "tls_maximum_protocol_version": "TLSv1_3"
                       },
                       "alpn_protocols": [
                        "istio-peer-exchange",
                        "istio"
                       ],
                       "tls_certificate_sds_secret_configs": [
                        {
                         "name": "default",
                         "sds_config": {
                          "api_config_source": {
                           "api_type": "GRPC",
                           "grpc_services": [
                            {
                             "envoy_grpc": {
                              "cluster_name": "sds-grpc"
                             }
                            }
                           ],
                           "set_node_on_first_message_only": true,
                           "transport_api_version": "V3"
                          },
                          "initial_fetch_timeout": "0s",
                          "resource_api_version": "V3"
                         }
                        }
                       ],
                       "combined_validation_context": {
                        "default_validation_context": {
                         "match_subject_alt_names": [
                          {
                           "exact": "spiffe://cluster.local/ns/team-%2$d/sa/service-%3$d"
                          }
                         ]
                        },
                        "validation_context_sds_secret_config": {
                         "name": "ROOTCA",
                         "sds_config": {
                          "api_config_source": {
                           "api_type": "GRPC",
                           "grpc_services": [
                            {
                             "envoy_grpc": {
                              "cluster_name": "sds-grpc"
                             }
                            }
                           ],
                           "set_node_on_first_message_only": true,
                           "transport_api_version": "V3"
                          },
                          "initial_fetch_timeout": "0s",
                          "resource_api_version": "V3"
                         }
                        }
                       }
                      },
                      "sni": "outbound_.8080_._.%1$s"
                     }
                    }
                   },
                   {
                    "name": "tlsMode-disabled",
                    "match": {},
                    "transport_socket": {
                     "name": "envoy.transport_sockets.raw_buffer",
                     "typed_config": {
                      "@type": "type.googleapis.com/envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer"
                     }
                    }
                   }
                  ]
                 },
                 "last_updated": "2026-03-01T12:00:00.000Z"
                }
                """.formatted(host(i), i % 40, i);
    }

    private static String endpoints(int i) {
        StringBuilder hosts = new StringBuilder();
        for (int j = 0; j < 4; j++) {
            hosts.append(j == 0 ? "" : ",\n").append("""
                    {
                     "endpoint": {
                      "address": {
                       "socket_address": {
                        "address": "10.%d.%d.%d",
                        "port_value": 8080
                       }
                      },
                      "health_check_config": {}
                     },
                     "health_status": "HEALTHY",
                     "metadata": {
                      "filter_metadata": {
                       "istio": {
                        "workload": "service-%d;team-%d;service-%d;v1;Kubernetes"
                       },
                       "envoy.transport_socket_match": {
                        "tlsMode": "istio"
                       }
                      }
                     },
                     "load_balancing_weight": 1
                    }""".formatted(j, i / 250, i % 250, i, i % 40, i)
                    .indent(5)
                    .stripTrailing());
        }
        return """
                {
                 "endpoint_config": {
                  "@type": "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment",
                  "cluster_name": "outbound|8080||%s",
                  "endpoints": [
                   {
                    "locality": {},
                    "lb_endpoints": [
                %s
                    ]
                   }
                  ],
                  "policy": {
                   "overprovisioning_factor": 140
                  }
                 }
                }
                """.formatted(host(i), hosts);
    }

    private static String virtualHost(int i) {
        String name = host(i);
        return """
                {
                 "name": "%1$s:8080",
                 "domains": [
                  "%1$s",
                  "%2$s",
                  "%3$s",
                  "10.96.%4$d.%5$d"
                 ],
                 "routes": [
                  {
                   "match": {
                    "prefix": "/"
                   },
                   "route": {
                    "cluster": "outbound|8080||%1$s",
                    "timeout": "0s",
                    "retry_policy": {
                     "retry_on": "connect-failure,refused-stream,unavailable,cancelled",
                     "num_retries": 2,
                     "retry_host_predicate": [
                      {
                       "name": "envoy.retry_host_predicates.previous_hosts",
                       "typed_config": {
                        "@type": "type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate"
                       }
                      }
                     ],
                     "host_selection_retry_max_attempts": "5"
                    },
                    "max_grpc_timeout": "0s"
                   },
                   "decorator": {
                    "operation": "%1$s:8080/*"
                   },
                   "name": "default"
                  }
                 ],
                 "include_request_attempt_count": true
                }
                """.formatted(
                        name,
                        name.substring(0, name.length() - ".cluster.local".length()),
                        name.substring(0, name.length() - ".svc.cluster.local".length()),
                        i / 250,
                        i % 250);
    }

    private static final String LISTENER = """
            {
             "name": "0.0.0.0_8080",
             "active_state": {
              "version_info": "2026-03-01T12:00:00Z/7",
              "listener": {
               "@type": "type.googleapis.com/envoy.config.listener.v3.Listener",
               "name": "0.0.0.0_8080",
               "address": {
                "socket_address": {
                 "address": "0.0.0.0",
                 "port_value": 8080
                }
               },
               "filter_chains": [
                {
                 "filter_chain_match": {
                  "transport_protocol": "raw_buffer",
                  "application_protocols": [
                   "http/1.1",
                   "h2c"
                  ]
                 },
                 "filters": [
                  {
                   "name": "envoy.filters.network.http_connection_manager",
                   "typed_config": {
                    "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
                    "stat_prefix": "outbound_0.0.0.0_8080",
                    "rds": {
                     "config_source": {
                      "ads": {},
                      "initial_fetch_timeout": "0s",
                      "resource_api_version": "V3"
                     },
                     "route_config_name": "8080"
                    }
                   }
                  }
                 ]
                }
               ],
               "traffic_direction": "OUTBOUND",
               "bind_to_port": false
              },
              "last_updated": "2026-03-01T12:00:00.000Z"
             }
            }
            """;
}
