package dev.meshdx.traffic.internal.rbac;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.MeshConfig;
import dev.meshdx.configuration.internal.PolicyTarget;
import dev.meshdx.model.Json;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.internal.Yaml;
import dev.meshdx.source.internal.manifests.ManifestSource;
import dev.meshdx.testing.Shared;
import dev.meshdx.traffic.internal.rbac.PolicyFilters.LeftOut;
import dev.meshdx.traffic.internal.rbac.PolicyFilters.Part;
import dev.meshdx.traffic.internal.rbac.PolicyFilters.Result;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each field of an AuthorizationPolicy as Envoy prints what istiod makes of it. Expected JSON is written as YAML. */
class PolicyFiltersTest {
    private static final PolicyTarget WEB = PolicyTarget.proxy("shop", Map.of("app", "web"));
    private static final PolicyTarget WAYPOINT = PolicyTarget.waypoint("shop", Map.of());
    private static final String ANY = "[{any: true}]";

    private static final String MESH = """
            trustDomain: cluster.local
            extensionProviders:
            - {name: opa, envoyExtAuthzGrpc: {service: opa.shop.svc.cluster.local, port: 9191}}
            - {name: web-authz, envoyExtAuthzHttp: {service: authz.shop.svc.cluster.local, port: 8000}}
            - {name: logs, envoyFileAccessLog: {path: /dev/stdout}}
            """;

    private static Configuration mesh(String settings, String policies) {
        return Configuration.builder()
                .resources(
                        ResourceKind.AUTHORIZATION_POLICY,
                        Shared.session(ManifestSource.of("policies", policies))
                                .resources(ResourceKind.AUTHORIZATION_POLICY))
                .mesh(
                        MeshConfig.of(settings.isEmpty() ? Json.MISSING : Yaml.read(settings), "istio-system"),
                        "istio-system")
                .build();
    }

    private static String document(String name, String spec) {
        return resource("{name: " + name + ", namespace: shop}", spec);
    }

    private static String resource(String metadata, String spec) {
        return "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: " + metadata + "\nspec: " + spec
                + "\n---\n";
    }

    private static String dryRun(String name, String spec) {
        return resource("{name: " + name + ", namespace: shop, annotations: {istio.io/dry-run: \"true\"}}", spec);
    }

    private static Result http(String... documents) {
        return PolicyFilters.http(mesh(MESH, String.join("", documents)), WEB);
    }

    private static Result tcp(String... documents) {
        return PolicyFilters.tcp(mesh(MESH, String.join("", documents)), WEB);
    }

    private static Json rule(Result result) {
        return result.configs().get(0).at("rules", "policies", "ns[shop]-policy[p]-rule[0]");
    }

    private static String policy(String permissions, String principals) {
        return "{permissions: [{and_rules: {rules: " + permissions + "}}], principals: [{and_ids: {ids: " + principals
                + "}}]}";
    }

    private static String ids(String... ids) {
        return "[{or_ids: {ids: [" + String.join(", ", ids) + "]}}]";
    }

    private static String rules(String... rules) {
        return "[{or_rules: {rules: [" + String.join(", ", rules) + "]}}]";
    }

    private static String name(String match) {
        return "{authenticated: {principal_name: " + match + "}}";
    }

    private static String regex(String regex) {
        return "{safe_regex: {regex: '" + regex + "'}}";
    }

    private static String claim(String name, String match) {
        return "{metadata: {filter: envoy.filters.http.jwt_authn, path: [{key: payload}, {key: " + name
                + "}], value: {string_match: " + match + "}}}";
    }

    private static String token(String issuer, String subject) {
        return "{and_ids: {ids: [" + claim("iss", issuer) + ", " + claim("sub", subject) + "]}}";
    }

    private static String claims(String path, String any) {
        return "[{metadata: {filter: envoy.filters.http.jwt_authn, path: [{key: payload}, " + path
                + "], value: {or_match: {value_matchers: [{list_match: {one_of: " + any + "}}, " + any + "]}}}}]";
    }

    private static void assertSame(Json made, String expected) {
        assertThat(Canonical.of(made))
                .hasToString(Canonical.of(Yaml.read(expected)).toString());
    }

    static Stream<Arguments> operations() {
        return Stream.of(
                arguments(
                        "hosts: [a.com, '*.b.com', 'c*', '*']",
                        rules(
                                "{header: {name: ':authority', string_match: {exact: a.com, ignore_case: true}}}",
                                "{header: {name: ':authority', string_match: {suffix: .b.com, ignore_case: true}}}",
                                "{header: {name: ':authority', string_match: {prefix: c, ignore_case: true}}}",
                                "{header: {name: ':authority', present_match: true}}")),
                arguments(
                        "methods: [GET, 'P*', '*T', '*']",
                        rules(
                                "{header: {name: ':method', string_match: {exact: GET}}}",
                                "{header: {name: ':method', string_match: {prefix: P}}}",
                                "{header: {name: ':method', string_match: {suffix: T}}}",
                                "{header: {name: ':method', present_match: true}}")),
                arguments(
                        "paths: [/a, '/b*', '*/c', '*']",
                        rules(
                                "{url_path: {path: {exact: /a}}}",
                                "{url_path: {path: {prefix: /b}}}",
                                "{url_path: {path: {suffix: /c}}}",
                                "{url_path: {path: " + regex(".+") + "}}")),
                arguments(
                        "paths: ['/m/{*}/z', '/f/{**}']",
                        rules(
                                "{uri_template: {name: uri-template, typed_config: {'@type':"
                                        + " type.googleapis.com/envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig,"
                                        + " path_template: '/m/*/z'}}}",
                                "{uri_template: {name: uri-template, typed_config: {'@type':"
                                        + " type.googleapis.com/envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig,"
                                        + " path_template: '/f/**'}}}")),
                arguments("ports: ['80', '0']", rules("{destination_port: 80}", "{destination_port: 0}")),
                arguments(
                        "notPorts: ['80'], notMethods: [GET]",
                        "[{not_rule: {or_rules: {rules: [{header: {name: ':method', string_match: {exact: GET}}}]}}},"
                                + " {not_rule: {or_rules: {rules: [{destination_port: 80}]}}}]"),
                arguments(
                        "ports: ['80'], paths: [/a], notPaths: [/b], notHosts: [c]",
                        "[{not_rule: {or_rules: {rules: [{header: {name: ':authority', string_match: {exact: c,"
                                + " ignore_case: true}}}]}}},"
                                + " {or_rules: {rules: [{url_path: {path: {exact: /a}}}]}},"
                                + " {not_rule: {or_rules: {rules: [{url_path: {path: {exact: /b}}}]}}},"
                                + " {or_rules: {rules: [{destination_port: 80}]}}]"));
    }

    @ParameterizedTest
    @MethodSource("operations")
    void should_translate_operations(String operation, String expected) {
        assertSame(
                rule(http(document("p", "{rules: [{to: [{operation: {" + operation + "}}]}]}"))),
                policy(expected, ANY));
    }

    static Stream<Arguments> sources() {
        return Stream.of(
                arguments(
                        "principals: [cluster.local/ns/a/sa/b, '*/sa/b', 'cluster.local/ns/a/*', '*']",
                        ids(
                                name("{exact: 'spiffe://cluster.local/ns/a/sa/b'}"),
                                name(regex("spiffe://.*/sa/b")),
                                name("{prefix: 'spiffe://cluster.local/ns/a/'}"),
                                name(regex(".+")))),
                arguments("notPrincipals: ['*']", "[{not_id: {or_ids: {ids: [" + name(regex(".+")) + "]}}}]"),
                arguments("namespaces: [a, 'b*']", ids(name(regex(".*/ns/a/.*")), name(regex(".*/ns/b.*/.*")))),
                arguments("notNamespaces: [a]", "[{not_id: {or_ids: {ids: [" + name(regex(".*/ns/a/.*")) + "]}}}]"),
                arguments(
                        "serviceAccounts: [b, a/b]",
                        ids(
                                name(regex("spiffe://.+/ns/shop/(.+/|)sa/b(/.+)?")),
                                name(regex("spiffe://.+/ns/a/(.+/|)sa/b(/.+)?")))),
                arguments(
                        "notServiceAccounts: [a/b]",
                        "[{not_id: {or_ids: {ids: [" + name(regex("spiffe://.+/ns/a/(.+/|)sa/b(/.+)?")) + "]}}}]"),
                arguments(
                        "trustDomains: [td, 't*', '*.com', '*'], notTrustDomains: [old]",
                        "[{or_ids: {ids: ["
                                + String.join(
                                        ", ",
                                        name("{prefix: 'spiffe://td/'}"),
                                        name("{prefix: 'spiffe://t'}"),
                                        name(regex("spiffe://[^/]*\\.com/.*")),
                                        name(regex(".+")))
                                + "]}}, {not_id: {or_ids: {ids: [" + name("{prefix: 'spiffe://old/'}") + "]}}}]"),
                arguments(
                        "ipBlocks: [10.0.0.1, 10.1.2.3/8, 0.0.0.0/0, '2001:DB8:0:0::/32', '::1']",
                        ids(
                                "{direct_remote_ip: {address_prefix: 10.0.0.1, prefix_len: 32}}",
                                "{direct_remote_ip: {address_prefix: 10.1.2.3, prefix_len: 8}}",
                                "{direct_remote_ip: {address_prefix: 0.0.0.0, prefix_len: 0}}",
                                "{direct_remote_ip: {address_prefix: '2001:db8::', prefix_len: 32}}",
                                "{direct_remote_ip: {address_prefix: '::1', prefix_len: 128}}")),
                arguments(
                        "notIpBlocks: [10.0.0.1]",
                        "[{not_id: {or_ids: {ids: [{direct_remote_ip: {address_prefix: 10.0.0.1, prefix_len: 32}}]}}}]"),
                arguments(
                        "remoteIpBlocks: ['2001:db8:0:1:0:0:0:1', '1:0:0:2:3:4:5:6', '::ffff:1.2.3.4']",
                        ids(
                                "{remote_ip: {address_prefix: '2001:db8:0:1::1', prefix_len: 128}}",
                                "{remote_ip: {address_prefix: '1::2:3:4:5:6', prefix_len: 128}}",
                                "{remote_ip: {address_prefix: '::ffff:1.2.3.4', prefix_len: 128}}")),
                arguments(
                        "notRemoteIpBlocks: [10.0.0.0/8]",
                        "[{not_id: {or_ids: {ids: [{remote_ip: {address_prefix: 10.0.0.0, prefix_len: 8}}]}}}]"),
                arguments("requestPrincipals: ['*']", "[" + token(regex(".+"), regex(".+")) + "]"),
                arguments(
                        "notRequestPrincipals: ['https://i.example.com/me']",
                        "[{not_id: " + token("{exact: 'https://i.example.com'}", "{exact: me}") + "}]"),
                arguments(
                        "requestPrincipals: [i/*, '*/me', 'i/m*', 'i*', '*e']",
                        ids(
                                token("{exact: i}", regex(".+")),
                                token(regex(".+"), "{exact: me}"),
                                token("{exact: i}", "{prefix: m}"),
                                token("{prefix: i}", regex(".+")),
                                token(regex(".+"), "{suffix: e}"))),
                arguments(
                        "ipBlocks: [10.0.0.1], principals: ['*'], namespaces: [a], remoteIpBlocks: [10.0.0.2]",
                        "[{or_ids: {ids: [" + name(regex(".+")) + "]}}, {or_ids: {ids: ["
                                + name(regex(".*/ns/a/.*"))
                                + "]}}, {or_ids: {ids: [{remote_ip: {address_prefix: 10.0.0.2, prefix_len: 32}}]}},"
                                + " {or_ids: {ids: [{direct_remote_ip: {address_prefix: 10.0.0.1, prefix_len: 32}}]}}]"));
    }

    @ParameterizedTest
    @MethodSource("sources")
    void should_translate_sources(String source, String expected) {
        assertSame(rule(http(document("p", "{rules: [{from: [{source: {" + source + "}}]}]}"))), policy(ANY, expected));
    }

    static Stream<Arguments> conditions() {
        return Stream.of(
                arguments("source.principal", "[td/ns/a/sa/b]", ids(name("{exact: 'spiffe://td/ns/a/sa/b'}"))),
                arguments("source.namespace", "[a]", ids(name(regex(".*/ns/a/.*")))),
                arguments("source.serviceAccount", "[b]", ids(name(regex("spiffe://.+/ns/shop/(.+/|)sa/b(/.+)?")))),
                arguments(
                        "source.ip",
                        "[10.0.0.0/8]",
                        ids("{direct_remote_ip: {address_prefix: 10.0.0.0, prefix_len: 8}}")),
                arguments("remote.ip", "[10.0.0.0/8]", ids("{remote_ip: {address_prefix: 10.0.0.0, prefix_len: 8}}")),
                arguments(
                        "'request.headers[X-Role]'",
                        "[admin, 'a*', '*min', '*']",
                        ids(
                                "{header: {name: X-Role, string_match: {exact: admin}}}",
                                "{header: {name: X-Role, string_match: {prefix: a}}}",
                                "{header: {name: X-Role, string_match: {suffix: min}}}",
                                "{header: {name: X-Role, present_match: true}}")),
                arguments("request.auth.principal", "[i/me]", "[" + token("{exact: i}", "{exact: me}") + "]"),
                arguments(
                        "request.auth.audiences",
                        "[a, b]",
                        claims(
                                "{key: aud}",
                                "{or_match: {value_matchers: [{string_match: {exact: a}}, {string_match: {exact: b}}]}}")),
                arguments("request.auth.presenter", "[a]", claims("{key: azp}", "{string_match: {exact: a}}")),
                arguments(
                        "'request.auth.claims[realm][roles]'",
                        "['a*']",
                        claims("{key: realm}, {key: roles}", "{string_match: {prefix: a}}")));
    }

    @ParameterizedTest
    @MethodSource("conditions")
    void should_translate_conditions_about_the_caller(String key, String values, String expected) {
        assertSame(
                rule(http(document("p", "{rules: [{when: [{key: " + key + ", values: " + values + "}]}]}"))),
                policy(ANY, expected));
        String without = expected.substring(1, expected.length() - 1);
        assertSame(
                rule(http(document("p", "{rules: [{when: [{key: " + key + ", notValues: " + values + "}]}]}"))),
                policy(ANY, "[{not_id: " + without + "}]"));
    }

    static Stream<Arguments> destinations() {
        return Stream.of(
                arguments(
                        "destination.ip", "[10.0.0.1]", "{destination_ip: {address_prefix: 10.0.0.1, prefix_len: 32}}"),
                arguments("destination.port", "['80']", "{destination_port: 80}"),
                arguments("connection.sni", "['*.com']", "{requested_server_name: {suffix: .com}}"),
                arguments(
                        "'experimental.envoy.filters.network.mysql_proxy[db.table]'",
                        "['[update]']",
                        "{metadata: {filter: envoy.filters.network.mysql_proxy, path: [{key: db.table}], value:"
                                + " {list_match: {one_of: {string_match: {exact: update}}}}}}"),
                arguments(
                        "'experimental.envoy.filters.a.b[c]'",
                        "['x*']",
                        "{metadata: {filter: envoy.filters.a.b, path: [{key: c}], value: {string_match: {prefix: x}}}}"));
    }

    @ParameterizedTest
    @MethodSource("destinations")
    void should_translate_conditions_about_the_destination(String key, String values, String expected) {
        assertSame(
                rule(http(document("p", "{rules: [{when: [{key: " + key + ", values: " + values + "}]}]}"))),
                policy(rules(expected), ANY));
        assertSame(
                rule(http(document("p", "{rules: [{when: [{key: " + key + ", notValues: " + values + "}]}]}"))),
                policy(
                        "[{not_rule: "
                                + rules(expected).substring(1, rules(expected).length() - 1) + "}]",
                        ANY));
    }

    @Test
    void should_repeat_conditions_for_each_source_and_operation() {
        assertSame(rule(http(document("p", """
                        {rules: [{from: [{source: {namespaces: [a]}}, {source: {namespaces: [b]}}],
                        to: [{operation: {ports: ['80']}}, {operation: {ports: ['81']}}],
                        when: [{key: connection.sni, values: [s]}, {key: source.ip, values: [10.0.0.1]}]}]}"""))), """
                {permissions: [
                {and_rules: {rules: [{or_rules: {rules: [{destination_port: 80}]}},
                {or_rules: {rules: [{requested_server_name: {exact: s}}]}}]}},
                {and_rules: {rules: [{or_rules: {rules: [{destination_port: 81}]}},
                {or_rules: {rules: [{requested_server_name: {exact: s}}]}}]}}],
                principals: [
                {and_ids: {ids: [{or_ids: {ids: [{authenticated: {principal_name: {safe_regex: {regex: '.*/ns/a/.*'}}}}]}},
                {or_ids: {ids: [{direct_remote_ip: {address_prefix: 10.0.0.1, prefix_len: 32}}]}}]}},
                {and_ids: {ids: [{or_ids: {ids: [{authenticated: {principal_name: {safe_regex: {regex: '.*/ns/b/.*'}}}}]}},
                {or_ids: {ids: [{direct_remote_ip: {address_prefix: 10.0.0.1, prefix_len: 32}}]}}]}}]}""");
    }

    @Test
    void should_read_the_identity_from_the_filter_state_in_a_waypoint() {
        Configuration mesh = mesh(MESH, document("p", """
                {targetRefs: [{kind: GatewayClass, group: gateway.networking.k8s.io, name: istio-waypoint}], rules: [{
                from: [{source: {principals: [cluster.local/ns/a/sa/b]}}]}]}""").replace("shop", "istio-system"));

        assertSame(
                PolicyFilters.http(mesh, WAYPOINT).configs().get(0).at("rules", "policies"),
                "{'ns[istio-system]-policy[p]-rule[0]': "
                        + policy(
                                ANY,
                                ids("{filter_state: {key: io.istio.peer_principal, string_match: {exact:"
                                        + " 'spiffe://cluster.local/ns/a/sa/b'}}}"))
                        + "}");
    }

    @Test
    void should_let_a_principal_stand_for_those_of_all_trust_domains() {
        String settings = "{trustDomain: new-td, trustDomainAliases: [old-td, cluster.local]}";
        String rule =
                "{rules: [{from: [{source: {principals: [cluster.local/ns/a/sa/b, other/ns/a/sa/b, '*-td/ns/a/sa/b',"
                        + " '*/ns/a/sa/b', new-td/ns/a/*], notPrincipals: [old-td/ns/c/sa/d]}}]}]}";

        Result made = PolicyFilters.http(mesh(settings, document("p", rule)), WEB);

        assertSame(
                rule(made),
                policy(
                        ANY,
                        "[{or_ids: {ids: ["
                                + String.join(
                                        ", ",
                                        name("{exact: 'spiffe://new-td/ns/a/sa/b'}"),
                                        name("{exact: 'spiffe://old-td/ns/a/sa/b'}"),
                                        name("{exact: 'spiffe://cluster.local/ns/a/sa/b'}"),
                                        name("{exact: 'spiffe://other/ns/a/sa/b'}"),
                                        name(regex("spiffe://.*-td/ns/a/sa/b")),
                                        name("{exact: 'spiffe://cluster.local/ns/a/sa/b'}"),
                                        name(regex("spiffe://.*/ns/a/sa/b")),
                                        name("{prefix: 'spiffe://new-td/ns/a/'}"))
                                + "]}}, {not_id: {or_ids: {ids: ["
                                + String.join(
                                        ", ",
                                        name("{exact: 'spiffe://new-td/ns/c/sa/d'}"),
                                        name("{exact: 'spiffe://old-td/ns/c/sa/d'}"),
                                        name("{exact: 'spiffe://cluster.local/ns/c/sa/d'}"))
                                + "]}}}]"));
    }

    @Test
    void should_make_one_filter_for_each_action_in_the_order_of_the_chain() {
        Result made = http(
                document("a", "{rules: [{}]}"),
                document("d", "{action: DENY, rules: [{}, {}]}"),
                document("l", "{action: AUDIT, rules: [{}]}"),
                document("c", "{action: CUSTOM, provider: {name: opa}, rules: [{}]}"));
        String all = policy(ANY, ANY);
        String type = "'@type': type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC, ";

        assertThat(made.configs()).hasSize(4);
        assertSame(
                made.configs().get(0),
                "{" + type + "shadow_rules: {action: DENY, policies: {'istio-ext-authz-ns[shop]-policy[c]-rule[0]': "
                        + all + "}}, shadow_rules_stat_prefix: istio_ext_authz_}");
        assertSame(
                made.configs().get(1),
                "{" + type + "rules: {action: LOG, policies: {'ns[shop]-policy[l]-rule[0]': " + all
                        + "}}, shadow_rules_stat_prefix: istio_dry_run_allow_}");
        assertSame(
                made.configs().get(2),
                "{" + type + "rules: {action: DENY, policies: {'ns[shop]-policy[d]-rule[0]': " + all
                        + ", 'ns[shop]-policy[d]-rule[1]': " + all
                        + "}}, shadow_rules_stat_prefix: istio_dry_run_allow_}");
        assertSame(
                made.configs().get(3),
                "{" + type + "rules: {policies: {'ns[shop]-policy[a]-rule[0]': " + all
                        + "}}, shadow_rules_stat_prefix: istio_dry_run_allow_}");
        assertThat(made.leftOut()).isEmpty();
    }

    @Test
    void should_try_the_rules_of_a_dry_run_beside_those_in_force() {
        String all = policy(ANY, ANY);
        Result both = http(document("a", "{rules: [{}]}"), dryRun("b", "{rules: [{}]}"));
        Result only = http(dryRun("d", "{action: DENY, rules: [{}]}"));

        assertSame(
                both.configs().get(0),
                "{'@type': type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC,"
                        + " rules: {policies: {'ns[shop]-policy[a]-rule[0]': " + all + "}},"
                        + " shadow_rules: {policies: {'ns[shop]-policy[b]-rule[0]': " + all + "}},"
                        + " shadow_rules_stat_prefix: istio_dry_run_allow_}");
        assertSame(
                only.configs().get(0),
                "{'@type': type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC,"
                        + " shadow_rules: {action: DENY, policies: {'ns[shop]-policy[d]-rule[0]': " + all + "}},"
                        + " shadow_rules_stat_prefix: istio_dry_run_deny_}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "t", "T", "true", "TRUE", "True"})
    void should_read_the_annotation_of_a_dry_run_as_go_reads_a_boolean(String value) {
        Json made = http(dryRun("p", "{rules: [{}]}").replace("\"true\"", "\"" + value + "\""))
                .configs()
                .get(0);

        assertThat(made.at("shadow_rules").exists()).isTrue();
        assertThat(made.at("rules").exists()).isFalse();
        assertThat(http(dryRun("p", "{rules: [{}]}").replace("\"true\"", "\"yes\""))
                        .configs()
                        .get(0)
                        .at("rules")
                        .exists())
                .isTrue();
    }

    @Test
    void should_match_nothing_where_a_policy_has_no_rules() {
        assertSame(
                rule(http(document("p", "{}"))),
                "{permissions: [{not_rule: {any: true}}], principals: [{not_id: {any: true}}]}");
    }

    @Test
    void should_drop_a_rule_that_allows_by_what_only_requests_have_from_a_tcp_filter() {
        Result made = tcp(document("p", """
                {rules: [{to: [{operation: {ports: ['80']}}, {operation: {ports: ['81'], methods: [GET]}}]},
                {from: [{source: {requestPrincipals: ['*']}}]}]}"""));

        assertSame(
                made.configs().get(0),
                "{'@type': type.googleapis.com/envoy.extensions.filters.network.rbac.v3.RBAC, rules: {},"
                        + " shadow_rules_stat_prefix: istio_dry_run_allow_, stat_prefix: tcp.}");
        assertThat(made.leftOut())
                .extracting(LeftOut::part, LeftOut::toString)
                .containsExactly(
                        tuple(
                                Part.RULE,
                                "AuthorizationPolicy shop/p spec.rules[0].to[1].operation.methods: only HTTP requests have it"),
                        tuple(
                                Part.RULE,
                                "AuthorizationPolicy shop/p spec.rules[1].from[0].source.requestPrincipals: only HTTP"
                                        + " requests have it"));
    }

    @Test
    void should_refuse_tcp_without_what_only_requests_have() {
        Result made = tcp(document("p", """
                {action: DENY, rules: [{from: [{source: {requestPrincipals: ['*'], namespaces: [a]}}],
                to: [{operation: {paths: [/a], notPaths: [/b], hosts: [c]}}],
                when: [{key: 'request.headers[h]', notValues: [x]}, {key: 'request.auth.claims[c]', values: [x]}]}]}"""));

        assertSame(rule(made), policy(ANY, ids(name(regex(".*/ns/a/.*")))));
        assertThat(made.leftOut()).hasSize(6).allMatch(one -> one.part() == Part.FIELD);
        assertThat(made.leftOut())
                .extracting(LeftOut::path)
                .containsExactlyInAnyOrder(
                        "spec.rules[0].to[0].operation.paths",
                        "spec.rules[0].to[0].operation.notPaths",
                        "spec.rules[0].to[0].operation.hosts",
                        "spec.rules[0].from[0].source.requestPrincipals",
                        "spec.rules[0].when[0].notValues",
                        "spec.rules[0].when[1].values");
    }

    @Test
    void should_leave_out_values_that_are_none_or_the_rule_that_allows_by_them() {
        String rule = "{from: [{source: {ipBlocks: [10.0.0.300, 10.0.0.0/33, 010.0.0.1, 10.0.0.1]}}],"
                + " to: [{operation: {ports: [http, '65536']}}]}";

        Result denied = http(document("p", "{action: DENY, rules: [" + rule + "]}"));
        assertSame(rule(denied), policy(ANY, ids("{direct_remote_ip: {address_prefix: 10.0.0.1, prefix_len: 32}}")));
        assertThat(denied.leftOut())
                .extracting(LeftOut::path)
                .containsExactly(
                        "spec.rules[0].to[0].operation.ports[0]",
                        "spec.rules[0].to[0].operation.ports[1]",
                        "spec.rules[0].from[0].source.ipBlocks[0]",
                        "spec.rules[0].from[0].source.ipBlocks[1]",
                        "spec.rules[0].from[0].source.ipBlocks[2]");

        Result allowed = http(document("p", "{rules: [" + rule + ", {}]}"));
        assertThat(allowed.configs().get(0).at("rules", "policies").names())
                .containsExactly("ns[shop]-policy[p]-rule[1]");
        assertThat(allowed.leftOut())
                .singleElement()
                .hasToString(
                        "AuthorizationPolicy shop/p spec.rules[0].to[0].operation.ports[0]: \"http\" is not a port number");
    }

    @Test
    void should_drop_a_rule_with_a_condition_that_nobody_knows_or_without_content() {
        Result made =
                http(document("p", "{action: DENY, rules: [{when: [{key: source.color, values: [red]}]}, null]}"));

        assertSame(made.configs().get(0).at("rules"), "{action: DENY}");
        assertThat(made.leftOut())
                .extracting(LeftOut::toString)
                .containsExactly(
                        "AuthorizationPolicy shop/p spec.rules[0].when[0].key: istiod knows no condition \"source.color\"",
                        "AuthorizationPolicy shop/p spec.rules[1]: it is null");
    }

    @Test
    void should_leave_out_conditions_whose_key_names_nothing() {
        Result made = http(document("p", """
                {action: DENY, rules: [{when: [{key: request.headers, values: [x]}, {key: request.auth.claims, values: [x]},
                {key: experimental.envoy.filters.a, values: [x]}]}]}"""));

        assertSame(rule(made), policy(ANY, ANY));
        assertThat(made.leftOut()).hasSize(3).allMatch(one -> one.part() == Part.FIELD);
    }

    @Test
    void should_refuse_what_an_authorizer_that_is_not_defined_would_be_asked_about() {
        String all = policy(ANY, ANY);
        String expected =
                "{'@type': type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC, rules: {action: DENY,"
                        + " policies: {'istio-ext-authz-ns[shop]-policy[c]-rule[0]-deny-due-to-bad-CUSTOM-action': "
                        + all + "}}}";

        assertSame(
                http(document("c", "{action: CUSTOM, provider: {name: nobody}, rules: [{}]}"))
                        .configs()
                        .get(0),
                expected);
        assertSame(
                http(document("c", "{action: CUSTOM, provider: {name: logs}, rules: [{}]}"))
                        .configs()
                        .get(0),
                expected);
        assertThat(http(
                                document("c", "{action: CUSTOM, provider: {name: opa}, rules: [{}]}"),
                                document("e", "{action: CUSTOM, provider: {name: web-authz}, rules: [{}]}"))
                        .configs()
                        .get(0)
                        .at("rules", "policies")
                        .names())
                .hasSize(2);
    }

    @Test
    void should_take_an_authorizer_for_defined_where_the_settings_of_the_mesh_are_not_known() {
        Result made = PolicyFilters.http(
                mesh("", document("c", "{action: CUSTOM, provider: {name: nobody}, rules: [{}]}")), WEB);

        assertThat(made.configs().get(0).at("shadow_rules", "policies").names())
                .containsExactly("istio-ext-authz-ns[shop]-policy[c]-rule[0]");
    }

    @Test
    void should_not_ask_an_authorizer_that_speaks_http_about_tcp() {
        Result made = tcp(document("c", "{action: CUSTOM, provider: {name: web-authz}, rules: [{}]}"));

        assertThat(made.filters()).isEmpty();
        assertThat(made.leftOut()).singleElement().extracting(LeftOut::part).isEqualTo(Part.POLICY);
        assertThat(tcp(document("c", "{action: CUSTOM, provider: {name: opa}, rules: [{}]}"))
                        .configs())
                .hasSize(1);
    }

    @Test
    void should_say_which_policies_are_for_others() {
        Result made = http(
                document("a", "{selector: {matchLabels: {app: web}}, rules: [{}]}"),
                document("b", "{selector: {matchLabels: {app: db}}, rules: [{}]}"),
                resource("{name: c, namespace: news}", "{rules: [{}]}"));

        assertThat(made.filters()).singleElement();
        assertThat(made.leftOut())
                .extracting(LeftOut::toString)
                .containsExactly("AuthorizationPolicy shop/b spec.selector: not for a proxy in shop: selector app=db");
    }
}
