package dev.meshdx.traffic.authorization;

import static dev.meshdx.traffic.authorization.Shop.POD;
import static dev.meshdx.traffic.authorization.Shop.dryRun;
import static dev.meshdx.traffic.authorization.Shop.policy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.meshdx.error.MeshException;
import dev.meshdx.error.MeshNotFoundException;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.Json;
import dev.meshdx.traffic.AuthorizationDecision;
import dev.meshdx.traffic.AuthorizationDecision.Result;
import dev.meshdx.traffic.Dumps;
import dev.meshdx.traffic.HttpRequest;
import dev.meshdx.traffic.Trace;
import dev.meshdx.traffic.Tracer;
import dev.meshdx.traffic.authorization.AppliedPolicies.LeftOut;
import dev.meshdx.traffic.authorization.AppliedPolicy.State;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AuthorizationTest {
    private static final Peer CART = Peer.workload("shop", "cart");
    private static final String READERS = policy(
            "readers",
            "{selector: {matchLabels: {app: web}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/cart]}}],"
                    + " to: [{operation: {methods: [GET]}}]}]}");
    private static final String NO_ADMIN =
            policy("no-admin", "{action: DENY, rules: [{to: [{operation: {paths: [/admin*]}}]}]}");

    @TempDir
    private Path folder;

    private Authorization shop(String meant, String held) throws IOException {
        return Shop.of(Shop.record(folder, meant, held), POD);
    }

    private static HttpRequest get(String url) {
        return HttpRequest.get(url);
    }

    @ParameterizedTest
    @CsvSource({
        "http://web:8080/a, ALLOWED, ns[shop]-policy[readers]-rule[0]",
        "http://web/a, ALLOWED, ns[shop]-policy[readers]-rule[0]",
        "http://web.shop.svc.cluster.local/a, ALLOWED, ns[shop]-policy[readers]-rule[0]",
        "http://web/admin/x, DENIED, ns[shop]-policy[no-admin]-rule[0]",
    })
    void should_decide_by_what_is_in_force_and_by_what_is_meant(String url, Result result, String name)
            throws IOException {
        AuthorizationCheck check = shop(READERS + NO_ADMIN, READERS + NO_ADMIN).check(get(url), CART);

        assertThat(check.decision().result()).isEqualTo(result);
        assertThat(check.decision().policy()).contains(name);
        assertThat(check.inForce()).isPresent();
        assertThat(check.meant().orElseThrow().policy()).contains(name);
        assertThat(check.differs()).isFalse();
        assertThat(check.inconclusive()).isEmpty();
        assertThat(check.trace().orElseThrow().filterChain()).contains("0.0.0.0_8080");
        assertThat(check.fields()).containsEntry("decision", result.name()).containsEntry("policy", name);
    }

    @Test
    void should_name_the_policies_of_which_none_allows_it() throws IOException {
        AuthorizationCheck check =
                shop(READERS, READERS).check(get("http://web/a").method("POST"), CART);

        assertThat(check.isAllowed()).isFalse();
        assertThat(check.decision().policy()).isEmpty();
        assertThat(check.notes()).contains("one of these would have to allow it: shop/readers");
        assertThat(check)
                .asString()
                .startsWith("DENIED: POST http://web/a from shop/cart\n  in force: denied, there are ALLOW policies")
                .contains("meant: the same");
    }

    @Test
    void should_tell_a_policy_that_the_proxy_does_not_have_yet() throws IOException {
        AuthorizationCheck check = shop(READERS + NO_ADMIN, READERS).check(get("http://web/admin"), CART);

        assertThat(check.decision().result()).isEqualTo(Result.ALLOWED);
        assertThat(check.meant().map(AuthorizationDecision::result)).contains(Result.DENIED);
        assertThat(check.differs()).isTrue();
        assertThat(check.difference())
                .isEqualTo("It is allowed, and by the policies it should be denied: policy"
                        + " ns[shop]-policy[no-admin]-rule[0] (DENY) matches. Not on the proxy: shop/no-admin.");
        assertThat(check.fields()).containsEntry("differs", true).containsKeys("inForce", "meant", "difference");
        assertThat(check).asString().contains("difference: It is allowed");
    }

    @Test
    void should_tell_a_policy_that_the_proxy_still_has() throws IOException {
        AuthorizationCheck check = shop("", NO_ADMIN).check(get("http://web/admin"), CART);

        assertThat(check.decision().result()).isEqualTo(Result.DENIED);
        assertThat(check.difference())
                .contains("should be allowed: no policy applies. On the proxy only: shop/no-admin.");
    }

    @Test
    void should_tell_the_rules_of_an_older_version() throws IOException {
        String older = NO_ADMIN.replace("/admin*", "/old*");

        AuthorizationCheck check = shop(NO_ADMIN, older).check(get("http://web/admin"), CART);

        assertThat(check.difference()).endsWith("With other rules on the proxy: shop/no-admin.");
        assertThat(shop(NO_ADMIN, older).policies())
                .extracting(AppliedPolicy::state)
                .containsExactly(State.CHANGED);
    }

    @Test
    void should_tell_another_policy_with_the_same_result() throws IOException {
        String other = NO_ADMIN.replace("no-admin", "closed");

        AuthorizationCheck check = shop(NO_ADMIN, other).check(get("http://web/admin"), CART);

        assertThat(check.difference())
                .contains(
                        "It is denied both ways, but not by the same policy: in force ns[shop]-policy[closed]-rule[0], meant"
                                + " ns[shop]-policy[no-admin]-rule[0].");
    }

    @Test
    void should_say_what_dry_runs_would_do() throws IOException {
        String tried = dryRun("later", "{action: DENY, rules: [{to: [{operation: {paths: [/a]}}]}]}");

        AuthorizationCheck check = shop(READERS + tried, READERS + tried).check(get("http://web/a"), CART);
        AuthorizationCheck behind = shop(READERS + tried, READERS).check(get("http://web/a"), CART);

        assertThat(check.isAllowed()).isTrue();
        assertThat(check.differs()).isFalse();
        assertThat(Json.of(check.fields().get("dryRun")))
                .hasToString("{\"deny\":{\"result\":\"denied\",\"policy\":\"ns[shop]-policy[later]-rule[0]\"}}");
        assertThat(check).asString().contains("DENY policies in dry run: denied by ns[shop]-policy[later]-rule[0]");
        assertThat(behind.difference())
                .isEqualTo(
                        "Policies in dry run say something else than those on the proxy. Not on the proxy: shop/later.");
    }

    @Test
    void should_look_at_the_connection_only_where_bytes_are_passed_on() throws IOException {
        String admins = policy(
                "admins", "{rules: [{from: [{source: {namespaces: [ops]}}], to: [{operation: {ports: ['9000']}}]}]}");

        Authorization shop = shop(admins, admins);
        AuthorizationCheck denied = shop.check(get("http://web-admin:9000/"), CART);
        AuthorizationCheck allowed = shop.check(get("http://web-admin:9000/"), Peer.workload("ops", "admin"));

        assertThat(denied.trace().orElseThrow().filterChain()).contains("0.0.0.0_9000");
        assertThat(denied.decision().result()).isEqualTo(Result.DENIED);
        assertThat(denied.meant().orElseThrow().result()).isEqualTo(Result.DENIED);
        assertThat(denied.notes()).anyMatch(note -> note.contains("is declared as TCP"));
        assertThat(allowed.decision().result()).isEqualTo(Result.ALLOWED);
        assertThat(allowed.trace().orElseThrow().kind()).isEqualTo(Trace.Kind.TCP);
        assertThat(allowed.differs()).isFalse();
    }

    @Test
    void should_look_at_the_address_of_the_peer() throws IOException {
        String office = policy("office", "{rules: [{from: [{source: {ipBlocks: [10.1.0.0/16]}}]}]}");
        Authorization shop = shop(office, office);

        assertThat(shop.check(get("http://web/"), CART.from("10.1.2.3")).isAllowed())
                .isTrue();
        assertThat(shop.check(get("http://web/"), CART.from("10.2.2.3"))
                        .decision()
                        .result())
                .isEqualTo(Result.DENIED);
        AuthorizationCheck unknown = shop.check(get("http://web/"), CART);
        assertThat(unknown.decision().result()).isEqualTo(Result.UNDECIDED);
        assertThat(unknown.decision().because()).contains("looks at something that is not known here");
        assertThat(unknown.differs()).isFalse();
    }

    @Test
    void should_say_where_a_request_ends_that_never_comes_to_the_rules() throws IOException {
        AuthorizationCheck check = shop(READERS, READERS).check(get("http://web/a"), Peer.plaintext());

        assertThat(check.decision().result()).isEqualTo(Result.UNDECIDED);
        assertThat(check.decision().because())
                .isEqualTo("it does not come to the authorization rules: it is closed: no filter chain of listener"
                        + " virtualInbound takes it");
        assertThat(check.trace().orElseThrow().kind()).isEqualTo(Trace.Kind.NO_FILTER_CHAIN);
        assertThat(check.meant().map(AuthorizationDecision::result)).contains(Result.DENIED);
        assertThat(check.differs()).isFalse();
        assertThat(check.notes()).anyMatch(note -> note.contains("mutual TLS only"));
    }

    @Test
    void should_allow_what_no_policy_is_about() throws IOException {
        AuthorizationCheck check = shop("", "").check(get("http://web/a"), CART);

        assertThat(check.isAllowed()).isTrue();
        assertThat(check.decision().because()).isEqualTo("the proxy has no authorization rules here");
        assertThat(check.differs()).isFalse();
        assertThat(shop("", "").policies().table()).isEqualTo("No policy applies: everything is allowed.\n");
    }

    @Test
    void should_leave_the_decision_to_an_external_authorizer() throws IOException {
        String custom =
                policy("opa", "{action: CUSTOM, provider: {name: opa}, rules: [{to: [{operation: {paths: [/a]}}]}]}");

        Authorization shop = shop(custom, custom);

        AuthorizationCheck asked = shop.check(get("http://web/a"), CART);
        assertThat(asked.decision().result()).isEqualTo(Result.UNDECIDED);
        assertThat(asked.decision().because()).endsWith("(CUSTOM) matches, so an external authorizer decides");
        assertThat(shop.check(get("http://web/b"), CART).isAllowed()).isTrue();
        assertThat(shop.policies())
                .extracting(row -> row.action().name(), AppliedPolicy::policy, AppliedPolicy::dryRun)
                .containsExactly(tuple("CUSTOM", "opa", false));
    }

    @Test
    void should_answer_by_the_policies_where_the_proxy_cannot_be_asked() throws IOException {
        Authorization shop = shop(READERS, READERS);
        Files.delete(folder.resolve("envoy/shop/web-1/config_dump.json"));

        AuthorizationCheck check = shop.check(get("http://web/a"), CART);

        assertThat(check.inForce()).isEmpty();
        assertThat(check.decision().policy()).contains("ns[shop]-policy[readers]-rule[0]");
        assertThat(check.inconclusive()).extracting(Inconclusive::what).containsExactly("configuration of the proxy");
        assertThat(shop.policies()).extracting(AppliedPolicy::state).containsExactly(State.MEANT);
        assertThat(check.fields()).doesNotContainKeys("inForce", "kind", "differs");
    }

    @Test
    void should_answer_by_the_proxy_where_nothing_else_was_recorded() throws IOException {
        Authorization shop = shop(READERS, READERS);
        for (String kind : List.of("pods.core", "services.core", "authorizationpolicies.security.istio.io")) {
            Files.delete(folder.resolve("api/" + kind + ".json"));
        }
        Files.delete(folder.resolve("api"));

        AuthorizationCheck check = shop.check(get("http://web:8080/a"), CART);

        assertThat(check.meant()).isEmpty();
        assertThat(check.decision().policy()).contains("ns[shop]-policy[readers]-rule[0]");
        assertThat(check.inconclusive()).extracting(Inconclusive::reason).containsOnly(Reason.NOT_RECORDED);
        assertThat(shop.policies()).extracting(AppliedPolicy::state).containsExactly(State.IN_FORCE);
    }

    @Test
    void should_not_answer_for_a_pod_that_is_not_there() throws IOException {
        Shop.record(folder, "", "");

        assertThatThrownBy(() -> Shop.of(folder, "web-2").policies())
                .isInstanceOf(MeshNotFoundException.class)
                .hasMessageContaining("web-2");
        assertThatThrownBy(() -> Shop.of(Files.createDirectory(folder.resolve("none")), "web-2")
                        .check(get("http://web/"), CART))
                .isInstanceOf(MeshException.class);
    }

    @Test
    void should_say_that_nobody_guards_a_pod_outside_the_mesh() throws IOException {
        Shop.record(folder, READERS, "");

        AuthorizationCheck check =
                Shop.of(folder, "bare-1").check(get("http://web/a").method("POST"), CART);

        assertThat(check.decision().because()).contains("not in the mesh");
        assertThat(check.isAllowed()).isTrue();
        assertThat(check.meant().orElseThrow().result()).isEqualTo(Result.DENIED);
        assertThat(check.differs()).isTrue();
    }

    @Test
    void should_say_what_ztunnel_makes_of_the_policies() throws IOException {
        String ports = policy("ports", "{rules: [{to: [{operation: {ports: ['8080']}}]}]}");
        Shop.record(folder, ports, "");

        AuthorizationCheck allowed = Shop.of(folder, "ambient-1").check(get("http://web/a"), CART);
        AuthorizationCheck denied = Shop.of(folder, "ambient-1").check(get("http://web:9999/a"), CART);

        assertThat(allowed.inForce()).isEmpty();
        assertThat(allowed.isAllowed()).as(allowed.toString()).isTrue();
        assertThat(denied.isAllowed()).isFalse();
        assertThat(denied.notes()).anyMatch(note -> note.startsWith("ztunnel enforces the policies"));
    }

    @Test
    void should_say_what_of_a_policy_does_not_count_for_ztunnel() throws IOException {
        Shop.record(folder, READERS, "");

        AuthorizationCheck check = Shop.of(folder, "ambient-1").check(get("http://web/a"), CART);
        AppliedPolicies policies = Shop.of(folder, "ambient-1").policies();

        assertThat(check.decision().result()).isEqualTo(Result.DENIED);
        assertThat(check.notes()).anyMatch(note -> note.contains("spec.rules[0].to[0].operation.methods: only HTTP"));
        assertThat(policies)
                .extracting(AppliedPolicy::policy, AppliedPolicy::rules)
                .containsExactly(tuple("readers", 0));
        assertThat(policies.leftOut()).extracting(LeftOut::part).containsExactly(AppliedPolicies.Part.RULE);
    }

    @Test
    void should_know_the_claims_of_a_token_without_a_proxy() throws IOException {
        Shop.record(
                folder,
                policy("tokens", "{rules: [{from: [{source: {requestPrincipals: [issuer.example/jason]}}]}]}"),
                "");
        Files.writeString(folder.resolve("api/requestauthentications.security.istio.io.json"), """
                {"items": [{"metadata": {"name": "jwt", "namespace": "shop"},
                            "spec": {"jwtRules": [{"issuer": "issuer.example"}]}}]}""");
        Files.delete(folder.resolve("envoy/shop/web-1/config_dump.json"));
        Authorization shop = Shop.of(folder, POD);

        assertThat(shop.check(get("http://web/").header("authorization", token("issuer.example")), CART)
                        .isAllowed())
                .isTrue();
        assertThat(shop.check(get("http://web/").header("authorization", token("other")), CART)
                        .isAllowed())
                .isFalse();
        assertThat(shop.check(get("http://web/").header("authorization", "Bearer a.b.c"), CART)
                        .isAllowed())
                .isFalse();
    }

    private static String token(String issuer) {
        Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();
        return "Bearer "
                + encoder.encodeToString("{\"alg\":\"RS256\"}".getBytes(StandardCharsets.UTF_8)) + "."
                + encoder.encodeToString(
                        ("{\"iss\":\"" + issuer + "\",\"sub\":\"jason\"}").getBytes(StandardCharsets.UTF_8))
                + ".c2ln";
    }

    @Test
    void should_list_policies_in_the_order_in_which_they_are_evaluated() throws IOException {
        String far = policy("far", "{selector: {matchLabels: {app: other}}, rules: [{}]}");
        String odd = policy("odd", "{action: AUDIT, rules: [{}]}");
        String tried = dryRun("later", "{action: DENY, rules: [{}, {to: [{operation: {paths: [/a]}}]}]}");

        AppliedPolicies policies = shop(READERS + NO_ADMIN + far + odd + tried, READERS + NO_ADMIN + odd)
                .policies();

        assertThat(policies)
                .extracting(
                        row -> row.action().name(),
                        AppliedPolicy::policy,
                        AppliedPolicy::namespace,
                        AppliedPolicy::rules,
                        AppliedPolicy::dryRun,
                        AppliedPolicy::state)
                .containsExactly(
                        tuple("AUDIT", "odd", "shop", 1, false, State.IN_FORCE),
                        tuple("DENY", "later", "shop", 2, true, State.NOT_IN_FORCE),
                        tuple("DENY", "no-admin", "shop", 1, false, State.IN_FORCE),
                        tuple("ALLOW", "readers", "shop", 1, false, State.IN_FORCE));
        assertThat(policies.leftOut()).hasSize(1).first().satisfies(one -> {
            assertThat(one.policy()).hasToString("AuthorizationPolicy shop/far");
            assertThat(one.path()).isEqualTo("spec.selector");
            assertThat(one.because()).contains("selector app=other");
        });
        assertThat(policies.table()).startsWith("ACTION  POLICY    NAMESPACE  RULES  DRY RUN  STATE\n");
        assertThat(policies).asString().contains("DENY shop/later, 2 rules, dry run, not on the proxy");
    }

    @Test
    void should_show_an_allow_policy_that_lets_nothing_through() throws IOException {
        String closed = policy("closed", "{}");

        Authorization shop = shop(closed, closed);

        assertThat(shop.check(get("http://web/"), CART).isAllowed()).isFalse();
        assertThat(shop.policies())
                .extracting(AppliedPolicy::policy, AppliedPolicy::rules)
                .containsExactly(tuple("closed", 0));
    }

    @ParameterizedTest
    @CsvSource({
        "http://web/, 8080, 'port 80 of web.shop.svc.cluster.local is port 8080 of the workload'",
        "http://10.96.0.1/, 8080, 'port 80 of web.shop.svc.cluster.local is port 8080 of the workload'",
        "http://10.0.0.9:8080/, 8080, ''",
        "http://example.com/, 8080, 'port 80 of web.shop.svc.cluster.local is port 8080 of the workload'",
        "http://web:7000/, 7000, 'port 7000 is taken for a port of the workload: no Service that selects it has such a port'",
    })
    void should_translate_the_port_of_a_service(String url, int port, String note) throws IOException {
        AuthorizationCheck check = shop("", "").check(get(url), CART);

        HttpRequest arriving = check.trace().orElseThrow().request();
        assertThat(arriving.destination()).contains("10.0.0.9:" + port);
        assertThat(String.join("", check.notes())).isEqualTo(note);
    }

    @Test
    void should_call_as_the_proxies_of_the_mesh_do() throws IOException {
        Authorization shop = shop("", "");

        HttpRequest.Tls tls = shop.check(get("http://web/"), CART)
                .trace()
                .orElseThrow()
                .request()
                .tls()
                .orElseThrow();
        assertThat(tls.serverName()).isEqualTo("outbound_.80_._.web.shop.svc.cluster.local");
        assertThat(tls.applicationProtocols()).containsExactly("istio-http/1.1", "istio", "http/1.1");
        assertThat(tls.clientCertificate()).isEqualTo("spiffe://cluster.local/ns/shop/sa/cart");
        HttpRequest http2 = get("http://web/").protocol(HttpRequest.Protocol.HTTP_2);
        assertThat(shop.check(http2, CART)
                        .trace()
                        .orElseThrow()
                        .request()
                        .tls()
                        .orElseThrow()
                        .applicationProtocols())
                .containsExactly("istio-h2", "istio", "h2");
        AuthorizationCheck own = shop.check(get("https://web/"), CART);
        assertThat(own.trace().orElseThrow().request().protocol()).isEqualTo(HttpRequest.Protocol.TCP);
        assertThat(own.notes()).anyMatch(note -> note.contains("speaks TLS with the application itself"));
    }

    @Test
    void should_take_the_peer_out_of_the_request() throws IOException {
        Authorization shop = shop(READERS, READERS);
        HttpRequest.Tls tls = new HttpRequest.Tls("", List.of("istio"), "spiffe://cluster.local/ns/shop/sa/cart");

        assertThat(shop.check(get("http://web/").tls(tls)).isAllowed()).isTrue();
        assertThat(shop.check(get("http://web/").mtls("spiffe://cluster.local/ns/shop/sa/cart"))
                        .isAllowed())
                .isTrue();
        assertThat(shop.check(get("http://web/").to("10.0.0.9:8080").tls(tls)).isAllowed())
                .isTrue();
        assertThat(shop.check(get("http://web/").mtls("spiffe://cluster.local/ns/shop/sa/other"))
                        .isAllowed())
                .isFalse();
        assertThat(shop.check(List.of(get("http://web/a"), get("http://web/b")), CART))
                .hasSize(2)
                .allMatch(AuthorizationCheck::isAllowed);
    }

    @Test
    void should_answer_from_a_dump_alone() {
        Authorization dump = Authorization.of(Dumps.parse(Shop.dump(READERS + NO_ADMIN)));

        AuthorizationCheck check = dump.check(get("http://web:8080/admin"), CART);

        assertThat(check.decision().policy()).contains("ns[shop]-policy[no-admin]-rule[0]");
        assertThat(check.decision().rule()).hasValue(0);
        assertThat(check.meant()).isEmpty();
        assertThat(dump.policies())
                .extracting(AppliedPolicy::policy, AppliedPolicy::state)
                .containsExactly(tuple("no-admin", State.IN_FORCE), tuple("readers", State.IN_FORCE));
        HttpRequest given = check.trace().orElseThrow().request();
        AuthorizationCheck traced = AuthorizationCheck.of(Tracer.of(Dumps.parse(Shop.dump(NO_ADMIN))), given);
        assertThat(traced.decision().result()).isEqualTo(Result.DENIED);
    }

    @Test
    void should_know_peers() {
        assertThat(Peer.identity("cluster.local/ns/shop/sa/cart"))
                .isEqualTo(Peer.identity("spiffe://cluster.local/ns/shop/sa/cart"))
                .hasToString("spiffe://cluster.local/ns/shop/sa/cart");
        assertThat(CART.identityIn("example.org")).isEqualTo("spiffe://example.org/ns/shop/sa/cart");
        assertThat(CART.from("10.0.0.5")).hasToString("shop/cart at 10.0.0.5").isNotEqualTo(CART);
        assertThat(Peer.plaintext()).hasToString("a client without identity");
        assertThatThrownBy(() -> Peer.workload("shop/cart", "")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Peer.identity("spiffe://")).isInstanceOf(IllegalArgumentException.class);
    }
}
