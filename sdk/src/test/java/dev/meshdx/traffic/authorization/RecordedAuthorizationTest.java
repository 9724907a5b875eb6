package dev.meshdx.traffic.authorization;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.error.MeshException;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.internal.Pods;
import dev.meshdx.source.Session;
import dev.meshdx.testing.Shared;
import dev.meshdx.traffic.AuthorizationDecision;
import dev.meshdx.traffic.AuthorizationDecision.Result;
import dev.meshdx.traffic.HttpRequest;
import dev.meshdx.traffic.authorization.AppliedPolicy.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Recordings of real meshes: what their logs say of each request. */
class RecordedAuthorizationTest {
    private static final Pattern POLICY = Pattern.compile("rbac_access_denied_matched_policy\\[(.*)]");

    private static String pod(Session session, String namespace, String start) {
        return session.resources(ResourceKind.POD, namespace).stream()
                .map(Resource::name)
                .filter(name -> name.startsWith(start + "-"))
                .findFirst()
                .orElseThrow();
    }

    /** Each request that reached the server's proxy is decided as the server's own log says, on both sides. */
    @ParameterizedTest
    @ValueSource(strings = {"sidecar/authz-denied", "sidecar/healthy"})
    void should_decide_as_the_servers_log_says(String recording) throws IOException {
        Session session = Shared.recording(recording);
        Path requests = Shared.folder("real/" + recording).resolve("requests.json");
        Map<String, Resource> pods = new HashMap<>();
        session.resources(ResourceKind.POD).forEach(pod -> pods.put(pod.namespace() + "/" + pod.name(), pod));
        List<String> wrong = new ArrayList<>();
        int checked = 0;
        int denied = 0;
        for (Json sent : Json.parse(Files.readString(requests)).items()) {
            Resource client = pods.get(sent.at("from").text(""));
            List<Json> logs = sent.at("accessLog").items();
            Json log = logs.isEmpty() ? Json.MISSING : logs.get(logs.size() - 1);
            Resource server = pods.get(log.at("pod").text(""));
            if (client == null
                    || server == null
                    || server == client
                    || !Pods.isSidecar(client)
                    || !Pods.isSidecar(server)) {
                continue;
            }
            String token = sent.at("headers", "authorization").text("");
            if (token.endsWith("...")) {
                continue; // the recording keeps the beginning of a token only
            }
            String details = log.at("details").text("");
            Matcher refused = POLICY.matcher(details);
            if (!refused.matches() && !details.equals("via_upstream")) {
                continue;
            }
            HttpRequest request =
                    HttpRequest.of(sent.at("method").text("GET"), sent.at("url").text(""));
            for (Map.Entry<String, String> header : sent.at("headers").textMap().entrySet()) {
                request = request.header(header.getKey(), header.getValue());
            }
            AuthorizationCheck check;
            try {
                check = Authorization.of(() -> session, server.namespace(), server.name())
                        .check(request, Peer.workload(client.namespace(), Pods.serviceAccount(client)));
            } catch (MeshException e) {
                continue;
            }
            if (check.inForce().isEmpty()) {
                continue;
            }
            checked++;
            denied += refused.matches() ? 1 : 0;
            String policy = refused.matches() ? refused.group(1) : "";
            boolean right = check.decision().result() == (refused.matches() ? Result.DENIED : Result.ALLOWED)
                    && (!refused.matches()
                            || check.decision().policy().orElse("none").equals(policy))
                    && !check.differs();
            if (!right) {
                wrong.add(sent.at("url") + " " + details + ": " + check);
            }
        }
        assertThat(wrong).as("of " + checked).isEmpty();
        assertThat(checked).isPositive();
        assertThat(denied > 0).isEqualTo(recording.endsWith("denied"));
    }

    @Test
    void should_name_the_policy_that_denies() {
        Session session = Shared.recording("sidecar/authz-denied");
        Authorization payments = Authorization.of(() -> session, "payments", pod(session, "payments", "payments"));

        AuthorizationCheck check = payments.check(
                HttpRequest.get("http://payments.payments:8080/pay/admin/keys"), Peer.workload("production", "sleep"));

        assertThat(check.inForce().flatMap(AuthorizationDecision::policy))
                .contains("ns[payments]-policy[deny-admin]-rule[0]")
                .isEqualTo(check.meant().flatMap(AuthorizationDecision::policy));
        assertThat(check.decision().configuredBy().orElseThrow())
                .hasToString("AuthorizationPolicy payments/deny-admin");
        assertThat(payments.policies())
                .extracting(AppliedPolicy::toString)
                .containsExactly(
                        "DENY payments/deny-admin, 1 rule, in force",
                        "DENY payments/require-jwt, 1 rule, in force",
                        "ALLOW payments/allow-production, 1 rule, in force");
    }

    /** What istiod sent is what is meant, whatever else is wrong: there is not one policy that differs. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "sidecar/healthy",
                "sidecar/authz-denied",
                "sidecar/fault-injection",
                "ambient/ambient-healthy",
                "multicluster/multicluster-healthy/east"
            })
    void should_find_on_proxies_what_is_meant(String recording) {
        Session session = Shared.recording(recording);
        int asked = 0;
        for (Resource pod : session.resources(ResourceKind.POD)) {
            if (!Pods.hasEnvoy(pod)) {
                continue;
            }
            AppliedPolicies policies =
                    Authorization.of(session::fork, pod.namespace(), pod.name()).policies();
            if (policies.inconclusive().isEmpty()) {
                asked++;
                assertThat(policies).allMatch(row -> row.state() == State.IN_FORCE, pod + ": " + policies);
            }
        }
        assertThat(asked).isPositive();
    }

    @ParameterizedTest
    @CsvSource({
        "l4-denied, shop, frontend, DENIED, ns[shop]-policy[orders-no-frontend]-rule[0]",
        "l4-denied, shop, catalog, DENIED,",
        "l4-denied, production, sleep, ALLOWED, ns[shop]-policy[orders-callers]-rule[0]",
        "l7-policy-without-waypoint, shop, frontend, DENIED,",
    })
    void should_say_what_ztunnel_is_to_do(
            String recording, String namespace, String account, Result result, String policy) {
        Session session = Shared.recording("ambient/" + recording);
        Authorization orders = Authorization.of(() -> session, "shop", pod(session, "shop", "orders"));

        AuthorizationCheck check =
                orders.check(HttpRequest.get("http://orders:9080/orders/1"), Peer.workload(namespace, account));

        assertThat(check.inForce()).isEmpty();
        assertThat(check.decision().result()).isEqualTo(result);
        assertThat(check.decision().policy().orElse(null)).isEqualTo(policy);
        assertThat(check.notes()).anyMatch(note -> note.startsWith("ztunnel enforces"));
    }

    @ParameterizedTest
    @CsvSource({"frontend, ALLOWED", "orders, DENIED"})
    void should_ask_a_waypoint_about_the_service_behind_it(String account, Result result) {
        Session session = Shared.recording("ambient/ambient-healthy");
        Authorization waypoint = Authorization.of(() -> session, "shop", pod(session, "shop", "waypoint"));

        AuthorizationCheck check =
                waypoint.check(HttpRequest.get("http://catalog:9080/catalog/1"), Peer.workload("shop", account));

        assertThat(check.inForce().map(AuthorizationDecision::result)).contains(result);
        assertThat(check.meant().map(AuthorizationDecision::result)).contains(result);
        assertThat(check.differs()).isFalse();
    }
}
