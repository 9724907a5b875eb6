package dev.meshdx.envoy.origin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.envoy.Cluster;
import dev.meshdx.envoy.Listener;
import dev.meshdx.envoy.ResourceState;
import dev.meshdx.envoy.Route;
import dev.meshdx.envoy.RouteConfiguration;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.internal.Pods;
import dev.meshdx.source.Session;
import dev.meshdx.testing.Shared;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What resources of recorded meshes turned into on their proxies. */
class RecordedLinksTest {
    private static final String GATEWAY = "istio-system/istio-ingressgateway-pzllwww8cz-z8pwp";
    private static final String SLEEP = "production/sleep-v1-gj4j8s7g7h-nftvm";
    private static final String GADGET = "broken/gadget-v1-rpswq5qfg7-s5pgv";
    private static final String PAYMENTS = "payments/payments-v1-lhtgkpfglt-sqg8x";

    private static GeneratedConfiguration ask(Session session, String pod, ResourceKind kind, String name) {
        int slash = pod.indexOf('/');
        int of = name.indexOf('/');
        return GeneratedReader.read(
                session,
                ResourceRef.of("Pod", pod.substring(0, slash), pod.substring(slash + 1)),
                kind,
                name.substring(0, of),
                name.substring(of + 1));
    }

    private static GeneratedConfiguration healthy(String pod, ResourceKind kind, String name) {
        return ask(Shared.recording("sidecar/healthy"), pod, kind, name);
    }

    /** Every resource of the healthy mesh leads to something on every proxy that it concerns, and to a reason on all others. */
    @Test
    void should_find_every_resource_of_a_healthy_mesh_somewhere_and_give_a_reason_elsewhere() {
        Session session = Shared.recording("sidecar/healthy");
        List<Resource> pods = session.resources(ResourceKind.POD).stream()
                .filter(Pods::hasEnvoy)
                .toList();
        List<String> wrong = new ArrayList<>();
        int resources = 0;
        for (ResourceKind kind : List.of(
                ResourceKind.VIRTUAL_SERVICE,
                ResourceKind.DESTINATION_RULE,
                ResourceKind.GATEWAY,
                ResourceKind.SERVICE_ENTRY,
                ResourceKind.SIDECAR,
                ResourceKind.PEER_AUTHENTICATION,
                ResourceKind.AUTHORIZATION_POLICY,
                ResourceKind.REQUEST_AUTHENTICATION)) {
            for (Resource resource : session.resources(kind)) {
                resources++;
                boolean somewhere = false;
                for (Resource pod : pods) {
                    GeneratedConfiguration generated = ask(
                            session,
                            pod.namespace() + "/" + pod.name(),
                            kind,
                            resource.namespace() + "/" + resource.name());
                    somewhere |= !generated.isEmpty();
                    if (generated.isEmpty() == generated.reasons().isEmpty()
                            || generated.reasons().stream()
                                    .anyMatch(reason -> reason.type() == Obstacle.Type.UNKNOWN)) {
                        wrong.add(generated.toString());
                    }
                }
                if (!somewhere) {
                    wrong.add(resource + " led to nothing");
                }
            }
        }
        assertThat(pods).hasSize(10);
        assertThat(resources).isEqualTo(14);
        assertThat(wrong).isEmpty();
    }

    @Test
    void should_lead_from_a_gateway_to_its_listeners_routes_and_certificate() {
        GeneratedConfiguration gateway = healthy(GATEWAY, ResourceKind.GATEWAY, "istio-system/bookinfo-gateway");

        assertThat(gateway.listeners()).extracting(Listener::name).containsExactly("0.0.0.0_8080", "0.0.0.0_8443");
        assertThat(gateway.routeConfigurations())
                .extracting(RouteConfiguration::name)
                .containsExactlyInAnyOrder("http.8080", "https.443.https.bookinfo-gateway.istio-system");
        assertThat(gateway.objects(GeneratedObject.Type.SECRET))
                .extracting(GeneratedObject::name)
                .containsExactly("kubernetes://bookinfo-credential");
    }

    @Test
    void should_lead_from_policies_to_filters() {
        assertThat(healthy(PAYMENTS, ResourceKind.AUTHORIZATION_POLICY, "payments/deny-admin")
                        .objects())
                .hasSize(3)
                .allMatch(object -> object.type() == GeneratedObject.Type.RBAC_POLICY
                        && object.name().equals("ns[payments]-policy[deny-admin]-rule[0]"));
        assertThat(healthy(PAYMENTS, ResourceKind.REQUEST_AUTHENTICATION, "payments/jwt")
                        .objects())
                .extracting(GeneratedObject::name)
                .containsOnly("origins-0");
        assertThat(healthy(PAYMENTS, ResourceKind.PEER_AUTHENTICATION, "payments/default")
                        .filterChains())
                .hasSize(3);
    }

    @ParameterizedTest
    @CsvSource({
        SLEEP + ", VirtualService, production/bookinfo, OTHER_GATEWAY",
        GATEWAY + ", VirtualService, production/reviews, OTHER_GATEWAY",
        GADGET + ", VirtualService, production/reviews, NOT_IMPORTED",
        GADGET + ", DestinationRule, production/reviews, NOT_IMPORTED",
        SLEEP + ", Sidecar, broken/default, OTHER_NAMESPACE",
        SLEEP + ", Gateway, istio-system/bookinfo-gateway, PROXY_TYPE",
        SLEEP + ", AuthorizationPolicy, payments/deny-admin, OTHER_NAMESPACE",
        GATEWAY + ", PeerAuthentication, production/default, PROXY_TYPE"
    })
    void should_say_why_a_resource_does_nothing_here(String pod, String kind, String name, Obstacle.Type type) {
        ResourceKind known = ResourceKind.known().stream()
                .filter(one -> one.kind().equals(kind))
                .findFirst()
                .orElseThrow();

        assertThat(healthy(pod, known, name).reasons())
                .extracting(Obstacle::type)
                .containsExactly(type);
    }

    @Test
    void should_find_the_routes_to_a_subset_that_is_missing() {
        Session session = Shared.recording("sidecar/subset-missing");

        GeneratedConfiguration routes = ask(session, SLEEP, ResourceKind.VIRTUAL_SERVICE, "production/reviews");

        assertThat(routes.routes()).flatExtracting(Route::clusters).anyMatch(name -> name.contains("|v9|"));
        assertThat(ask(session, SLEEP, ResourceKind.DESTINATION_RULE, "production/reviews")
                        .clusters())
                .extracting(Cluster::subset)
                .doesNotContain("v9");
    }

    @Test
    void should_say_what_a_proxy_refused() {
        Session session = Shared.recording("sidecar/proxy-nack");

        assertThat(ask(session, GADGET, ResourceKind.ENVOY_FILTER, name(session, ResourceKind.ENVOY_FILTER))
                        .reasons())
                .extracting(Obstacle::type)
                .contains(Obstacle.Type.NOT_VISIBLE);
    }

    private static String name(Session session, ResourceKind kind) {
        Resource first = session.resources(kind).get(0);
        return first.namespace() + "/" + first.name();
    }

    @Test
    void should_show_that_a_gateway_waits_for_its_certificate() {
        Session session = Shared.recording("sidecar/gateway-cert-missing");

        GeneratedConfiguration gateway = ask(session, GATEWAY, ResourceKind.GATEWAY, "istio-system/bookinfo-gateway");

        assertThat(gateway.objects(GeneratedObject.Type.SECRET))
                .anyMatch(secret -> secret.name().equals("kubernetes://bookinfo-credential-2")
                        && secret.state() == ResourceState.WARMING);
        assertThat(gateway.reasons()).extracting(Obstacle::type).contains(Obstacle.Type.WARMING);
    }
}
