package dev.meshdx.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.error.MeshAccessException;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.source.BodyReader;
import dev.meshdx.source.Deadline;
import dev.meshdx.source.ListQuery;
import dev.meshdx.source.LogQuery;
import dev.meshdx.source.MeshSource;
import dev.meshdx.source.PodRequest;
import dev.meshdx.source.internal.manifests.ManifestSource;
import dev.meshdx.testing.Shared;
import dev.meshdx.traffic.NearMiss.Reason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MeshNearMissTest {
    private static final String MESH = """
            apiVersion: v1
            kind: Pod
            metadata: {name: web-1, namespace: production, labels: {app: web, version: v1}}
            spec: {containers: [{name: istio-proxy, args: [proxy, sidecar]}]}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: edge-1, namespace: edge, labels: {istio: edge}}
            spec: {containers: [{name: istio-proxy, args: [proxy, router], ports: [{name: plain, containerPort: 8080}]}]}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: edge, namespace: edge}
            spec: {selector: {istio: edge}, ports: [{port: 80, name: http, targetPort: plain}]}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: reviews, namespace: production}
            spec: {clusterIP: 10.96.2.30, ports: [{port: 9080, name: http}]}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: hidden, namespace: other, annotations: {networking.istio.io/exportTo: "."}}
            spec: {clusterIP: 10.96.2.41, ports: [{port: 9080, name: http}]}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: far, namespace: other}
            spec: {clusterIP: 10.96.2.42, ports: [{port: 9080, name: http}]}
            ---
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: {name: partner, namespace: production}
            spec: {hosts: [api.partner.com], ports: [{number: 8443, name: http, protocol: HTTP}], resolution: DNS}
            ---
            apiVersion: networking.istio.io/v1
            kind: Sidecar
            metadata: {name: near, namespace: production}
            spec: {egress: [{hosts: ["./*", "shared/*"]}]}
            ---
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: {name: shop, namespace: edge}
            spec:
              selector: {istio: edge}
              servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["production/shop.example.com"]}]
            """;

    private static final String ROUTES = """
            {"name": "%1$s", "ignore_port_in_host_matching": true, "virtual_hosts": [
              {"name": "reviews.production.svc.cluster.local:%1$s", "domains": ["reviews.production.svc.cluster.local",
                "reviews", "reviews.production", "10.96.2.30"], "routes": [%2$s]},
              {"name": "allow_any", "domains": ["*"], "routes": [
                {"name": "allow_any", "match": {"prefix": "/"}, "route": {"cluster": "PassthroughCluster"}}]}]}""";

    private static final String DEFAULT = "{\"name\": \"default\", \"match\": {\"prefix\": \"/\"}, \"route\":"
            + " {\"cluster\": \"outbound|9080||reviews.production.svc.cluster.local\"}}";

    private static final String SIDECAR = """
            {"configs": [
             {"@type": "x.BootstrapConfigDump", "bootstrap": {"node":
              {"id": "sidecar~10.0.0.9~web-1.production~production.svc.cluster.local"}}},
             {"@type": "x.ClustersConfigDump", "dynamic_active_clusters": [
              {"cluster": {"name": "outbound|9080||reviews.production.svc.cluster.local", "type": "EDS"}},
              {"cluster": {"name": "PassthroughCluster", "type": "ORIGINAL_DST"}}]},
             {"@type": "x.ListenersConfigDump", "dynamic_listeners": [
              {"name": "virtualOutbound", "active_state": {"listener": {"name": "virtualOutbound",
               "address": {"socket_address": {"address": "0.0.0.0", "port_value": 15001}}, "use_original_dst": true,
               "traffic_direction": "OUTBOUND", "filter_chains": [{"name": "catchall", "filters": [
                {"name": "envoy.filters.network.tcp_proxy", "typed_config": {"cluster": "PassthroughCluster"}}]}]}}},
              {"name": "0.0.0.0_9080", "active_state": {"listener": {"name": "0.0.0.0_9080", "bind_to_port": false,
               "address": {"socket_address": {"address": "0.0.0.0", "port_value": 9080}},
               "filter_chains": [{"filters": [{"name": "envoy.filters.network.http_connection_manager",
                "typed_config": {"normalize_path": true, "rds": {"route_config_name": "9080"}}}]}]}}}]},
             {"@type": "x.RoutesConfigDump", "dynamic_route_configs": [
              {"route_config": %s, "last_updated": "2026-02-01T00:00:00Z"%s}]},
             {"@type": "x.SecretsConfigDump"}]}""";

    private static final String GATEWAY = """
            {"configs": [
             {"@type": "x.BootstrapConfigDump", "bootstrap": {"node": {"id": "router~10.0.0.8~edge-1.edge~edge.svc.cluster.local"}}},
             {"@type": "x.ClustersConfigDump"},
             {"@type": "x.ListenersConfigDump", "dynamic_listeners": [
              {"name": "0.0.0.0_8080", "active_state": {"listener": {"name": "0.0.0.0_8080",
               "address": {"socket_address": {"address": "0.0.0.0", "port_value": 8080}},
               "filter_chains": [{"filters": [{"name": "envoy.filters.network.http_connection_manager",
                "typed_config": {"rds": {"route_config_name": "http.8080"}}}]}]}}}]},
             {"@type": "x.RoutesConfigDump", "dynamic_route_configs": [{"route_config": {"name": "http.8080", "virtual_hosts": [
              {"name": "blackhole:80", "domains": ["*"]}]}}]},
             {"@type": "x.SecretsConfigDump"}]}""";

    /** A mesh whose resources stand in a text, and whose one proxy answers; some kinds may not be listed. */
    private static final class OneProxy implements MeshSource {
        private final MeshSource manifests;
        private final String dump;
        private final Set<ResourceKind> forbidden;
        private final Set<String> listed = new HashSet<>();

        OneProxy(String yaml, String dump, Set<ResourceKind> forbidden) {
            this.manifests = ManifestSource.of("mesh.yaml", yaml);
            this.dump = dump;
            this.forbidden = forbidden;
        }

        @Override
        public Kind kind() {
            return Kind.LIVE;
        }

        @Override
        public String description() {
            return "test";
        }

        @Override
        public Optional<Instant> recordedAt() {
            return Optional.of(Instant.parse("2026-06-01T00:00:00Z"));
        }

        @Override
        public String defaultNamespace() {
            return "default";
        }

        @Override
        public List<Resource> list(ListQuery query, Deadline deadline) {
            synchronized (listed) {
                listed.add(query.kind().kind());
            }
            if (forbidden.contains(query.kind())) {
                throw new MeshAccessException("You may not list " + query.kind().plural() + ".", "Ask for it.");
            }
            return manifests.list(query, deadline);
        }

        @Override
        public Optional<Resource> find(ResourceKind kind, String namespace, String name, Deadline deadline) {
            return manifests.find(kind, namespace, name, deadline);
        }

        @Override
        public <T> T fetch(PodRequest request, BodyReader<T> reader, Deadline deadline) {
            try {
                return reader.read(new ByteArrayInputStream(dump.getBytes(StandardCharsets.UTF_8)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public <T> T log(LogQuery query, BodyReader<T> reader, Deadline deadline) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Json version(Deadline deadline) {
            return Json.MISSING;
        }

        @Override
        public void close() {}
    }

    private static String sidecar(String... routes) {
        return SIDECAR.formatted(ROUTES.formatted("9080", String.join(",", routes)), "");
    }

    private static Trace trace(String dump, String yaml, HttpRequest request) {
        boolean gateway = dump.equals(GATEWAY);
        return Tracer.trace(
                Shared.session(new OneProxy(MESH + (yaml.isEmpty() ? "" : "---\n" + yaml), dump, Set.of())),
                gateway ? "edge" : "production",
                gateway ? "edge-1" : "web-1",
                request);
    }

    /** The near misses that the dump alone does not tell. */
    private static List<NearMiss> added(String dump, String yaml, HttpRequest request) {
        int own = Tracer.trace(Dumps.parse(dump), request).nearMisses().size();
        List<NearMiss> all = trace(dump, yaml, request).nearMisses();
        return all.subList(own, all.size());
    }

    private static String virtualService(String namespace, String spec) {
        return "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: it, namespace: " + namespace
                + ", creationTimestamp: \"2026-01-01T00:00:00Z\"}\nspec: {" + rules(spec) + "}\n";
    }

    private static String rules(String spec) {
        return spec.replaceAll("MATCH (.*)$", "http: [{match: [{$1}], route: [{destination: {host: reviews}}]}]")
                .replace("ALL", "http: [{route: [{destination: {host: reviews}}]}]");
    }

    private static String httpRoute(String namespace, String spec) {
        return "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: it, namespace: " + namespace
                + ", creationTimestamp: \"2026-01-01T00:00:00Z\"}\nspec: {" + spec + "}\n";
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            NOT_BOUND     | production | hosts: [reviews], gateways: [edge/shop], ALL | is bound to edge/shop only
            NOT_BOUND     | production | hosts: [reviews], gateways: [edge/shop], MATCH uri: {prefix: /api} | (prefix /api)
            NOT_EXPORTED  | production | hosts: [reviews], exportTo: [edge], ALL | is exported to edge only
            NOT_EXPORTED  | other | hosts: [reviews.production.svc.cluster.local], exportTo: ['.'], ALL | the proxy is in namespace production
            NOT_IMPORTED  | other | hosts: [reviews.production.svc.cluster.local], ALL | Sidecar production/near
            OTHER_PROXY   | production | hosts: [reviews], MATCH sourceLabels: {app: api} | sourceLabels is {"app":"api"}
            OTHER_PROXY   | production | hosts: [reviews], MATCH sourceNamespace: edge, uri: {exact: /api/users} | sourceNamespace is "edge"
            OTHER_PROXY   | production | hosts: [reviews], gateways: [mesh, edge/shop], MATCH gateways: [edge/shop] | gateways is ["edge/shop"]
            OTHER_PORT    | production | hosts: [reviews], MATCH port: 9081 | it is for port 9081, and port 9080 was asked
            NOT_DELIVERED | production | hosts: [reveiws], ALL | there is neither a Service nor a ServiceEntry for host reveiws
            NOT_DELIVERED | shared | hosts: [reviews], ALL | for host reviews.shared.svc.cluster.local
            NOT_DELIVERED | production | hosts: [reviews.production], ALL | nearest: reviews.production.svc.cluster.local
            NOT_DELIVERED | production | hosts: [reviews], ALL | nothing that is known stands in its way
            """)
    void should_say_why_a_virtual_service_is_not_followed(
            Reason reason, String namespace, String spec, String because) {
        List<NearMiss> added = added(
                sidecar(DEFAULT), virtualService(namespace, spec), HttpRequest.get("http://reviews:9080/api/users"));

        assertThat(added).singleElement().satisfies(miss -> {
            assertThat(miss.reason()).isEqualTo(reason);
            assertThat(miss.resource()).contains(ResourceRef.of("VirtualService", namespace, "it"));
            assertThat(miss.what()).isEqualTo("VirtualService " + namespace + "/it");
            assertThat(miss.where()).matches("mesh\\.yaml:\\d+, spec\\.http\\[0](\\.match\\[0])?");
            assertThat(miss.because())
                    .startsWith("it would take the request (")
                    .contains(because)
                    .doesNotEndWith(".");
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            production | hosts: [reviews], gateways: [edge/shop], MATCH uri: {prefix: /other}
            production | hosts: [reviews], exportTo: [edge], MATCH headers: {x-user: {exact: jason}}
            production | hosts: [ratings], gateways: [edge/shop], ALL
            edge | hosts: [edge], ALL
            production | hosts: ['*'], gateways: [edge/shop], ALL
            production | hosts: ['*.com'], gateways: [edge/shop], ALL
            production | hosts: [reviews], MATCH sourceLabels: {app: api}, uri: {prefix: /other}
            production | hosts: [reviews], gateways: [edge/shop], tcp: [{route: [{destination: {host: reviews}}]}]
            production | gateways: [edge/shop], ALL
            """)
    void should_not_mention_what_is_not_for_a_request_that_arrives(String namespace, String spec) {
        Trace trace = trace(
                sidecar(DEFAULT), virtualService(namespace, spec), HttpRequest.get("http://reviews:9080/api/users"));

        assertThat(trace.nearMisses()).isEmpty();
        assertThat(trace.notes()).noneMatch(note -> note.contains("near misses"));
    }

    @Test
    void should_say_nothing_of_a_request_that_takes_a_route_of_somebody() {
        OneProxy source = new OneProxy(
                MESH + "---\n" + virtualService("production", "hosts: [reviews], gateways: [edge/shop], ALL"),
                sidecar(Dumps.route(
                        "own", "{\"prefix\": \"/\"}", "outbound|9080||reviews.production.svc.cluster.local")),
                Set.of());

        Trace trace =
                Tracer.trace(Shared.session(source), "production", "web-1", HttpRequest.get("http://reviews:9080/"));

        assertThat(trace.configuredBy()).isPresent();
        assertThat(trace.nearMisses()).isEmpty();
        assertThat(source.listed).as("nothing is listed for it").isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            uri: {exact: /api/users} | true
            uri: {exact: /api/Users} | false
            uri: {exact: /api/Users}, ignoreUriCase: true | true
            uri: {prefix: /API}, ignoreUriCase: true | true
            uri: {prefix: /api/u} | true
            uri: {regex: '/api/[a-z]+'} | true
            uri: {regex: '/api/[a-z]'} | false
            uri: {regex: '/API/.*'}, ignoreUriCase: true | false
            method: {exact: GET} | true
            method: {exact: get} | false
            headers: {x-user: {exact: jason}} | true
            headers: {X-User: {prefix: ja}} | true
            headers: {x-user: {regex: 'j.*n'}} | true
            headers: {x-user: {}} | true
            headers: {x-user: {regex: '*'}} | true
            headers: {x-other: {}} | false
            withoutHeaders: {x-other: {}} | true
            withoutHeaders: {x-other: {exact: a}} | true
            withoutHeaders: {x-user: {}} | false
            withoutHeaders: {x-user: {exact: jason}} | false
            authority: {prefix: reviews} | true
            authority: {exact: ratings} | false
            scheme: {exact: http} | true
            scheme: {exact: https} | false
            queryParams: {page: {exact: '2'}} | true
            queryParams: {page: {}} | true
            queryParams: {Page: {exact: '2'}} | false
            uri: {prefix: /api}, headers: {x-user: {exact: eve}} | false
            headers: {'@request.auth.claims.sub': {exact: jason}} | false
            """)
    void should_match_as_a_virtual_service_does(String match, boolean taken) {
        List<NearMiss> added = added(
                sidecar(DEFAULT),
                virtualService("production", "hosts: [reviews], exportTo: [edge], MATCH " + match),
                HttpRequest.get("http://reviews:9080/api/users?page=2").header("x-user", "jason"));

        assertThat(added).hasSize(taken ? 1 : 0);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            path: {type: PathPrefix, value: /api} | true
            path: {type: PathPrefix, value: /api/} | true
            path: {type: PathPrefix, value: /api/us} | false
            path: {value: /} | true
            path: {type: Exact, value: /api/users} | true
            path: {type: Exact, value: /api/users/} | false
            path: {type: RegularExpression, value: '/api/.*'} | true
            method: GET | true
            method: POST | false
            headers: [{name: X-User, value: jason}] | true
            headers: [{name: x-user, type: RegularExpression, value: 'j.+'}] | true
            headers: [{name: x-user, value: eve}] | false
            queryParams: [{name: page, value: '2'}] | true
            queryParams: [{name: page, value: '3'}] | false
            """)
    void should_match_as_an_http_route_does(String match, boolean taken) {
        List<NearMiss> added = added(
                sidecar(DEFAULT),
                httpRoute(
                        "production",
                        "parentRefs: [{kind: Service, group: '', name: reviewss}], rules: [{matches: [{" + match
                                + "}]}]"),
                HttpRequest.get("http://reviews:9080/api/users?page=2").header("x-user", "jason"));

        assertThat(added).hasSize(taken ? 1 : 0);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            NOT_BOUND     | production | parentRefs: [{kind: Service, name: reviewss}] | Service production/reviewss, which does not exist
            NOT_BOUND     | production | parentRefs: [{kind: Service, name: gone}], rules: [{backendRefs: [{name: reviews}]}] | production/gone
            NOT_BOUND     | production | parentRefs: [{name: shop, namespace: edge}], hostnames: [reviews.production.svc.cluster.local] | is bound to Gateways
            OTHER_PORT    | production | parentRefs: [{kind: Service, name: reviews, port: 9081}] | it is for port 9081 of Service production/reviews
            OTHER_PROXY   | edge | parentRefs: [{kind: Service, name: reviews, namespace: production}] | clients in namespace edge only
            NOT_DELIVERED | production | parentRefs: [{kind: Service, name: reviews}] | nothing that is known
            """)
    void should_say_why_an_http_route_is_not_followed(Reason reason, String namespace, String spec, String because) {
        List<NearMiss> added = added(
                sidecar(DEFAULT),
                httpRoute(namespace, spec.contains("rules") ? spec : spec + ", rules: [{}]"),
                HttpRequest.get("http://reviews:9080/api"));

        assertThat(added).singleElement().satisfies(miss -> {
            assertThat(miss.reason()).isEqualTo(reason);
            assertThat(miss.resource()).contains(ResourceRef.of("HTTPRoute", namespace, "it"));
            assertThat(miss.because()).contains(because);
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            parentRefs: [{kind: Service, name: edge, namespace: edge}], rules: [{backendRefs: [{name: reviews}]}]
            parentRefs: [{name: shop, namespace: edge}], rules: [{backendRefs: [{name: reviews}]}]
            parentRefs: [{name: shop, namespace: edge}], hostnames: [shop.example.com], rules: [{}]
            parentRefs: [{kind: Service, name: reviews, port: 9081}], rules: [{matches: [{method: PUT}]}]
            """)
    void should_not_mention_http_routes_for_something_else(String spec) {
        assertThat(added(sidecar(DEFAULT), httpRoute("production", spec), HttpRequest.get("http://reviews:9080/api")))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            http://hidden.other:9080/ | NOT_EXPORTED | Service other/hidden | is exported to . only
            http://far.other:9080/ | NOT_IMPORTED | Service other/far | Sidecar production/near
            http://10.96.2.42:9080/ | NOT_IMPORTED | Service other/far | Sidecar production/near
            http://reviews:8888/ | OTHER_PORT | Service production/reviews | on port 9080 (http), and port 8888 was asked
            http://api.partner.com:8888/ | OTHER_PORT | ServiceEntry production/partner | on port 8443 (http)
            http://api.partner.com:8443/ | NOT_DELIVERED | ServiceEntry production/partner | nothing that is known
            """)
    void should_say_why_a_host_is_none_for_the_client(String url, Reason reason, String what, String because) {
        Trace trace = trace(sidecar(DEFAULT), "", HttpRequest.get(url));

        assertThat(trace.clusters()).containsExactly("PassthroughCluster");
        assertThat(added(sidecar(DEFAULT), "", HttpRequest.get(url)))
                .singleElement()
                .satisfies(miss -> {
                    assertThat(miss.reason()).isEqualTo(reason);
                    assertThat(miss.what()).isEqualTo(what);
                    assertThat(miss.where()).matches("mesh\\.yaml:\\d+(, spec\\.ports)?");
                    assertThat(miss.because()).startsWith("it has the host").contains(because);
                });
    }

    @ParameterizedTest
    @CsvSource({"http://nowhere:9080/", "http://www.example.com:9080/", "http://10.1.1.1:9080/", "http://nowhere:8888/"
    })
    void should_say_nothing_of_hosts_that_the_mesh_does_not_know(String url) {
        assertThat(added(sidecar(DEFAULT), virtualService("production", "hosts: [reviews], ALL"), HttpRequest.get(url)))
                .isEmpty();
    }

    @Test
    void should_put_what_takes_the_request_first_and_say_what_else_keeps_a_route_from_it() {
        String near = virtualService(
                "production", "hosts: [far.other.svc.cluster.local], exportTo: [edge], MATCH uri: {exact: /API}");
        String exact = near.replace("name: it", "name: exact").replace("/API", "/api");

        List<NearMiss> added =
                added(sidecar(DEFAULT), near + "---\n" + exact, HttpRequest.get("http://far.other:9080/api"));

        assertThat(added)
                .extracting(NearMiss::what)
                .containsExactly(
                        "VirtualService production/exact", "Service other/far", "VirtualService production/it");
        assertThat(added.get(2).because())
                .contains("is exported to edge only")
                .contains("nor would it take the request as it is: the path /api differs from exact path /API");
    }

    @Test
    void should_know_the_rules_of_a_delegate() {
        String root = virtualService(
                "production",
                "hosts: [reviews], exportTo: [edge],"
                        + " http: [{match: [{uri: {prefix: /api}}], delegate: {name: part, namespace: production}}]");
        String part = "---\n"
                + virtualService("production", "MATCH uri: {exact: /api/users}").replace("name: it", "name: part");

        assertThat(added(sidecar(DEFAULT), root + part, HttpRequest.get("http://reviews:9080/api/users")))
                .singleElement()
                .extracting(NearMiss::what)
                .isEqualTo("VirtualService production/it");
        assertThat(added(sidecar(DEFAULT), root + part, HttpRequest.get("http://reviews:9080/api/Users")))
                .isEmpty();
        assertThat(added(sidecar(DEFAULT), root, HttpRequest.get("http://reviews:9080/api/users")))
                .as("what it delegates to does not exist")
                .isEmpty();
    }

    @Test
    void should_tell_a_proxy_that_is_behind_refuses_or_follows_another() {
        HttpRequest request = HttpRequest.get("http://reviews:9080/api");
        String mine = virtualService("production", "hosts: [reviews], ALL");
        String newer = mine.replace("2026-01-01", "2026-05-01");
        String refusing = SIDECAR.formatted(
                ROUTES.formatted("9080", DEFAULT), ", \"error_state\": {\"details\": \"it has two domains\"}");
        String older = mine.replace("name: it", "name: older").replace("2026-01-01", "2025-01-01");
        String overruled = virtualService("production", "hosts: [reviews], MATCH uri: {prefix: /api}");

        assertThat(added(sidecar(DEFAULT), newer, request))
                .singleElement()
                .satisfies(miss -> assertThat(miss.because()).contains("was last changed at 2026-05-01T00:00:00Z"));
        assertThat(added(refusing, mine, request))
                .singleElement()
                .satisfies(miss -> assertThat(miss.because()).contains("it has two domains"));
        assertThat(added(
                        sidecar(),
                        overruled + "---\n" + older.replace("route:", "match: [{uri: {exact: /x}}], route:"),
                        request))
                .first()
                .satisfies(miss -> assertThat(miss.because()).contains("VirtualService production/older decides"));
        assertThat(added(sidecar(DEFAULT), newer, request))
                .extracting(NearMiss::reason)
                .containsExactly(Reason.NOT_DELIVERED);
    }

    @Test
    void should_tell_a_rule_that_the_proxy_has_not_got_yet() {
        String route =
                "{\"name\": \"old\", \"match\": {\"path\": \"/old\"}, \"route\": {\"cluster\": \"x\"}, \"metadata\":"
                        + " {\"filter_metadata\": {\"istio\": {\"config\":"
                        + " \"/apis/networking.istio.io/v1/namespaces/production/virtual-service/it\"}}}}";
        HttpRequest request = HttpRequest.get("http://reviews:9080/new");

        List<NearMiss> added = added(
                sidecar(route), virtualService("production", "hosts: [reviews], MATCH uri: {exact: /new}"), request);

        assertThat(added).singleElement().satisfies(miss -> {
            assertThat(miss.reason()).isEqualTo(Reason.NOT_DELIVERED);
            assertThat(miss.because()).contains("the proxy has other routes of it here, and not this one");
        });
        assertThat(added(
                        sidecar(route),
                        virtualService("production", "hosts: [reviews], MATCH uri: {exact: /old}"),
                        request))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            NOT_BOUND    | production | hosts: [shop.example.com], ALL | names no Gateway
            NOT_BOUND    | production | hosts: [shop.example.com], gateways: [edge/gone], ALL | edge/gone, which does not exist
            NOT_BOUND    | other | hosts: [shop.example.com], gateways: [edge/shop], ALL | No server of Gateway edge/shop takes
            NOT_EXPORTED | production | hosts: [shop.example.com], gateways: [edge/shop], exportTo: ['.'], ALL | is exported to . only
            NOT_BOUND    | production | hosts: ['*'], gateways: [edge/gone], MATCH uri: {prefix: /api} | edge/gone
            """)
    void should_say_why_a_gateway_does_not_follow_a_virtual_service(
            Reason reason, String namespace, String spec, String because) {
        Trace trace = trace(GATEWAY, virtualService(namespace, spec), HttpRequest.get("http://shop.example.com/api"));

        assertThat(trace.kind()).isEqualTo(Trace.Kind.NO_ROUTE);
        assertThat(trace.nearMisses()).singleElement().satisfies(miss -> {
            assertThat(miss.reason()).isEqualTo(reason);
            assertThat(miss.because()).containsIgnoringCase(because);
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            hosts: ['*'], gateways: [edge/gone], ALL
            hosts: [www.example.com], gateways: [edge/gone], ALL
            """)
    void should_not_mention_what_is_not_for_a_request_to_a_gateway(String spec) {
        assertThat(added(GATEWAY, virtualService("production", spec), HttpRequest.get("http://shop.example.com/api")))
                .isEmpty();
    }

    @Test
    void should_note_what_may_not_be_listed() {
        String yaml = MESH + "---\n"
                + virtualService("other", "hosts: [reviews.production.svc.cluster.local], exportTo: [edge], ALL")
                + "---\n" + virtualService("production", "hosts: [reviews], exportTo: [edge], ALL");
        List<Trace> traces = new ArrayList<>();
        for (Set<ResourceKind> forbidden : List.of(
                Set.<ResourceKind>of(),
                Set.of(ResourceKind.VIRTUAL_SERVICE),
                Set.of(
                        ResourceKind.VIRTUAL_SERVICE,
                        ResourceKind.HTTP_ROUTE,
                        ResourceKind.SERVICE,
                        ResourceKind.SERVICE_ENTRY,
                        ResourceKind.SIDECAR,
                        ResourceKind.GATEWAY))) {
            traces.add(Tracer.trace(
                    Shared.session(new OneProxy(yaml, sidecar(DEFAULT), forbidden)),
                    "production",
                    "web-1",
                    HttpRequest.get("http://reviews:9080/")));
        }

        assertThat(traces).extracting(trace -> trace.nearMisses().size()).containsExactly(2, 0, 0);
        assertThat(traces).extracting(Trace::fields).containsOnly(traces.get(0).fields());
        assertThat(traces.get(0).notes()).noneMatch(note -> note.contains("near misses"));
        assertThat(traces.get(1).notes())
                .filteredOn(note -> note.contains("near misses"))
                .containsExactly(
                        "near misses may lack what is in virtualservices.networking.istio.io, which could not be"
                                + " read: You may not list virtualservices. Ask for it.");
        assertThat(traces.get(2).notes())
                .filteredOn(note -> note.contains("near misses"))
                .hasSize(6);
    }
}
