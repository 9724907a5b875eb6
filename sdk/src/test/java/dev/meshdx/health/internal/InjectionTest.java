package dev.meshdx.health.internal;

import static dev.meshdx.health.internal.HealthFixtures.resource;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.meshdx.error.Reason;
import dev.meshdx.health.Injection;
import dev.meshdx.health.Injection.Outcome;
import dev.meshdx.health.Injection.Presence;
import dev.meshdx.health.InjectionWebhook;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.source.Session;
import dev.meshdx.source.internal.manifests.ManifestSource;
import dev.meshdx.testing.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class InjectionTest {
    private static final String NOT_REFUSED = "{'key':'sidecar.istio.io/inject','operator':'NotIn','values':['false']}";
    private static final String NO_INJECTION = "{'key':'istio-injection','operator':'DoesNotExist'}";
    private static final String NO_REVISION = "{'key':'istio.io/rev','operator':'DoesNotExist'}";

    /** The webhooks of a revision as the chart makes them. */
    private static Resource webhooks(String name, String revision, String tag, String... more) {
        String in = "{'key':'istio.io/rev','operator':'In','values':['" + (tag.isEmpty() ? revision : tag) + "']}";
        List<String> all = new ArrayList<>(List.of(
                webhook("rev.namespace.sidecar-injector.istio.io", in + "," + NO_INJECTION, NOT_REFUSED),
                webhook(
                        "rev.object.sidecar-injector.istio.io",
                        NO_REVISION + "," + NO_INJECTION,
                        NOT_REFUSED + "," + in)));
        all.addAll(List.of(more));
        return resource(
                ResourceKind.MUTATING_WEBHOOK_CONFIGURATION,
                "{'metadata':{'name':'" + name
                        + "','creationTimestamp':'2026-01-02T06:00:00Z','labels':{'istio.io/rev':'"
                        + revision + "'" + (tag.isEmpty() ? "" : ",'istio.io/tag':'" + tag + "'") + "}},'webhooks':["
                        + String.join(",", all) + "]}");
    }

    private static String webhook(String name, String namespace, String object) {
        return "{'name':'" + name + "','failurePolicy':'Fail','namespaceSelector':{'matchExpressions':[" + namespace
                + "]},'objectSelector':{'matchExpressions':[" + object + "]}}";
    }

    private static final Resource DEFAULT = webhooks(
            "istio-sidecar-injector",
            "default",
            "",
            webhook(
                    "namespace.sidecar-injector.istio.io",
                    "{'key':'istio-injection','operator':'In','values':['enabled']}",
                    NOT_REFUSED),
            webhook(
                    "object.sidecar-injector.istio.io",
                    NO_INJECTION + "," + NO_REVISION,
                    "{'key':'sidecar.istio.io/inject','operator':'In','values':['true']}," + NO_REVISION));

    private static final Resource DEACTIVATED = resource(
            ResourceKind.MUTATING_WEBHOOK_CONFIGURATION,
            "{'metadata':{'name':'old','labels':{'istio.io/rev':'default'}},'webhooks':[{'name':'sidecar-injector.istio.io',"
                    + "'namespaceSelector':{'matchLabels':{'istio.io/deactivated':'never-match'}},"
                    + "'objectSelector':{'matchLabels':{'istio.io/deactivated':'never-match'}}}]}");

    private static Resource namespace(String labels) {
        return resource(ResourceKind.NAMESPACE, "{'metadata':{'name':'shop','labels':{" + labels + "}}}");
    }

    private static Resource pod(String labels, String annotations, String spec) {
        return resource(
                ResourceKind.POD,
                "{'metadata':{'namespace':'shop','name':'web','creationTimestamp':'2026-01-02T08:00:00Z','labels':{"
                        + labels + "},'annotations':{" + annotations + "}},'spec':{" + spec
                        + "},'status':{'phase':'Running'}}");
    }

    private static final String PLAIN = "'containers':[{'name':'app','image':'app:1'}]";
    private static final String SIDECAR =
            "'containers':[{'name':'app'},{'name':'istio-proxy','image':'proxyv2:1','args':['proxy','sidecar']}]";

    private static Injection judge(Resource pod, @Nullable Resource namespace, Resource... webhooks) {
        return judge(pod, namespace, List.of(), webhooks);
    }

    private static Injection judge(
            Resource pod, @Nullable Resource namespace, List<Resource> injectors, Resource... webhooks) {
        return InjectionJudge.judge(
                InjectionJudge.Subject.pod(pod),
                new InjectionJudge.Facts(namespace, List.of(webhooks), injectors, List.of()));
    }

    static Stream<Arguments> should_decide_by_labels() {
        String enabled = "'istio-injection':'enabled'";
        String canary = "'istio.io/rev':'canary'";
        return Stream.of(
                arguments(enabled, "", Outcome.INJECTED, "Namespace label istio-injection=enabled matches"),
                arguments(enabled, "'sidecar.istio.io/inject':'true'", Outcome.INJECTED, "and pod label"),
                arguments(
                        enabled,
                        "'sidecar.istio.io/inject':'false'",
                        Outcome.NOT_INJECTED,
                        "Pod label sidecar.istio.io/inject=false prevents it"),
                arguments(
                        "'istio-injection':'disabled'",
                        "'sidecar.istio.io/inject':'true'",
                        Outcome.NOT_INJECTED,
                        "Namespace label istio-injection=disabled prevents it"),
                arguments("", "", Outcome.NOT_INJECTED, "No label asks for it"),
                arguments("", "'sidecar.istio.io/inject':'true'", Outcome.INJECTED, "Pod label"),
                arguments(canary, "", Outcome.INJECTED, "rev.namespace.sidecar-injector.istio.io of revision canary"),
                arguments("", "'istio.io/rev':'canary'", Outcome.INJECTED, "revision canary"),
                arguments(
                        "'istio.io/rev':'1-19'",
                        "",
                        Outcome.NOT_INJECTED,
                        "istio.io/rev=1-19 names a revision or tag that has no webhook. Revisions and tags with a webhook:"
                                + " canary, default"),
                arguments("", "'istio.io/rev':'1-19'", Outcome.NOT_INJECTED, "Pod label istio.io/rev=1-19 names"),
                arguments(enabled + "," + canary, "", Outcome.INJECTED, "revision default"),
                arguments(
                        "'istio-injection':'disabled'," + canary, "", Outcome.NOT_INJECTED, "istio-injection=disabled"),
                arguments("'istio.io/dataplane-mode':'ambient'", "", Outcome.NOT_INJECTED, "ambient mode"));
    }

    @ParameterizedTest
    @MethodSource
    void should_decide_by_labels(String namespace, String pod, Outcome outcome, String reason) {
        Injection injection =
                judge(pod(pod, "", PLAIN), namespace(namespace), DEFAULT, webhooks("istio-canary", "canary", ""));

        assertThat(injection.outcome()).isEqualTo(outcome);
        assertThat(injection.reason()).contains(reason);
        assertThat(injection.webhook().isPresent()).isEqualTo(outcome == Outcome.INJECTED);
        assertThat(injection.webhooks()).hasSize(6);
        assertThat(injection.toString()).hasSizeLessThan(900);
    }

    @Test
    void should_show_the_expression_that_decided_for_each_webhook() {
        Injection injection = judge(pod("", "", PLAIN), namespace("'istio-injection':'enabled'"), DEFAULT);

        InjectionWebhook refusing = injection.webhooks().get(1);
        assertThat(refusing.name()).isEqualTo("rev.object.sidecar-injector.istio.io");
        assertThat(refusing.matches()).isFalse();
        assertThat(refusing.namespaceSelector().condition()).isEqualTo("istio-injection does not exist");
        assertThat(refusing.namespaceSelector().label()).isEqualTo("istio-injection=enabled");
        assertThat(injection.webhook().orElseThrow().namespaceSelector().condition())
                .isEqualTo("istio-injection in (enabled)");
    }

    @Test
    void should_name_the_revision_behind_a_tag() {
        Injection injection = judge(
                pod("", "", PLAIN), namespace("'istio.io/rev':'prod'"), webhooks("istio-tag-prod", "1-20", "prod"));

        assertThat(injection.outcome()).isEqualTo(Outcome.INJECTED);
        assertThat(injection.webhook().orElseThrow().revision()).isEqualTo("1-20");
        assertThat(injection.webhook().orElseThrow().tag()).contains("prod");
    }

    @Test
    void should_say_when_the_default_revision_has_no_webhook() {
        Injection injection =
                judge(pod("", "", PLAIN), namespace("'istio-injection':'enabled'"), webhooks("istio-1-20", "1-20", ""));

        assertThat(injection.outcome()).isEqualTo(Outcome.NOT_INJECTED);
        assertThat(injection.reason()).contains("asks the default revision, and no webhook answers");
        assertThat(injection.remedy()).contains("istioctl tag set default --revision 1-20");
    }

    @Test
    void should_say_when_webhooks_are_deactivated_or_absent_or_of_somebody_else() {
        Resource other = resource(
                ResourceKind.MUTATING_WEBHOOK_CONFIGURATION,
                "{'metadata':{'name':'cert-manager'},'webhooks':[{'name':'webhook.cert-manager.io'}]}");
        Resource enabled = namespace("'istio-injection':'enabled'");

        assertThat(judge(pod("", "", PLAIN), enabled, DEACTIVATED).reason()).contains("deactivated");
        assertThat(judge(pod("", "", PLAIN), enabled, DEACTIVATED).outcome()).isEqualTo(Outcome.NOT_INJECTED);
        assertThat(judge(pod("", "", PLAIN), enabled, other).reason()).contains("There is no injection webhook");
        assertThat(judge(pod("", "", PLAIN), enabled, other).webhooks()).isEmpty();
    }

    @Test
    void should_take_a_webhook_that_only_forbids_for_one_that_injects() {
        Resource all = resource(
                ResourceKind.MUTATING_WEBHOOK_CONFIGURATION,
                "{'metadata':{'name':'all'},'webhooks':["
                        + webhook("auto.sidecar-injector.istio.io", NO_INJECTION, NO_REVISION) + "]}");

        Injection injection = judge(pod("", "", PLAIN), namespace(""), all);

        assertThat(injection.outcome()).isEqualTo(Outcome.INJECTED);
        assertThat(injection.reason()).startsWith("Nothing forbids it, and webhook all/auto.sidecar-injector");
    }

    @Test
    void should_explain_injection_of_all_namespaces_and_rules_that_leave_pods_out() {
        String auto = webhook(
                "auto.sidecar-injector.istio.io",
                NO_INJECTION + ",{'key':'kubernetes.io/metadata.name','operator':'NotIn','values':['kube-system']}",
                "{'key':'sidecar.istio.io/inject','operator':'DoesNotExist'}");
        Resource open = resource(
                ResourceKind.MUTATING_WEBHOOK_CONFIGURATION, "{'metadata':{'name':'all'},'webhooks':[" + auto + "]}");
        Resource narrow = resource(
                ResourceKind.MUTATING_WEBHOOK_CONFIGURATION,
                "{'metadata':{'name':'all'},'webhooks':["
                        + auto.replace(
                                "'failurePolicy'",
                                "'rules':[{'operations':['CREATE'],'apiGroups':['apps'],'resources':['deployments']}],'failurePolicy'")
                        + "]}");
        Resource shop = namespace("'kubernetes.io/metadata.name':'shop'");

        assertThat(judge(pod("", "", PLAIN), shop, open).reason()).contains("all namespaces that do not say otherwise");
        assertThat(judge(pod("", "", PLAIN), shop, narrow).outcome()).isEqualTo(Outcome.NOT_INJECTED);
        assertThat(judge(pod("", "", PLAIN), shop, narrow).reason())
                .contains("its rules leave out the creation of pods");
        assertThat(judge(pod("'sidecar.istio.io/inject':'true'", "", PLAIN), shop, open)
                        .reason())
                .contains("Pod label sidecar.istio.io/inject=true prevents it");
    }

    @Test
    void should_know_what_istiod_refuses() {
        Resource enabled = namespace("'istio-injection':'enabled'");

        assertThat(judge(pod("", "", PLAIN + ",'hostNetwork':true"), enabled, DEFAULT)
                        .reason())
                .contains("host's network");
        assertThat(judge(pod("", "'sidecar.istio.io/inject':'false'", PLAIN), enabled, DEFAULT)
                        .reason())
                .contains("annotation sidecar.istio.io/inject=false makes istiod leave it out");
        assertThat(judge(pod("'sidecar.istio.io/inject':'yes'", "", PLAIN), enabled, DEFAULT)
                        .reason())
                .contains("only the value true");
        Injection both = judge(
                pod("'sidecar.istio.io/inject':'true'", "'sidecar.istio.io/inject':'false'", PLAIN), enabled, DEFAULT);
        assertThat(both.outcome()).isEqualTo(Outcome.INJECTED);
        assertThat(both.notes()).anyMatch(note -> note.contains("has no effect: the label of that name wins"));
        Resource system = resource(
                ResourceKind.POD,
                "{'metadata':{'namespace':'kube-system','name':'dns'},'spec':{" + PLAIN + "},'status':{}}");
        assertThat(judge(system, enabled, DEFAULT).reason()).contains("never injects pods of namespace kube-system");
    }

    private static Resource injector(String config) {
        return resource(
                ResourceKind.CONFIG_MAP,
                "{'metadata':{'namespace':'istio-system','name':'istio-sidecar-injector'},'data':{'config':'" + config
                        + "'}}");
    }

    @Test
    void should_follow_the_injectors_policy_and_selectors() {
        Resource enabled = namespace("'istio-injection':'enabled'");
        Resource web = pod("'app':'web'", "", PLAIN);
        String never = "policy: enabled\\nneverInjectSelector:\\n- matchLabels: {app: web}\\n";

        assertThat(judge(web, enabled, List.of(injector(never)), DEFAULT).reason())
                .contains("neverInjectSelector");
        assertThat(judge(
                                pod("'app':'web','sidecar.istio.io/inject':'true'", "", PLAIN),
                                enabled,
                                List.of(injector(never)),
                                DEFAULT)
                        .outcome())
                .isEqualTo(Outcome.INJECTED);
        assertThat(judge(web, enabled, List.of(injector("policy: disabled\\n")), DEFAULT)
                        .reason())
                .contains("policy is disabled");
        assertThat(judge(
                                web,
                                enabled,
                                List.of(injector(
                                        "policy: disabled\\nalwaysInjectSelector:\\n- matchLabels: {app: web}\\n")),
                                DEFAULT)
                        .outcome())
                .isEqualTo(Outcome.INJECTED);
        assertThat(judge(web, enabled, List.of(injector("policy: off2\\n")), DEFAULT)
                        .outcome())
                .isEqualTo(Outcome.NOT_INJECTED);
        assertThat(judge(web, enabled, List.of(injector("{{{ not yaml")), DEFAULT)
                        .outcome())
                .isEqualTo(Outcome.INJECTED);
    }

    @Test
    void should_say_why_a_pod_has_no_sidecar_although_it_would_get_one() {
        Resource web = pod("", "", PLAIN);
        Resource late = namespace("'istio-injection':'enabled'");
        Resource young = resource(
                ResourceKind.MUTATING_WEBHOOK_CONFIGURATION,
                DEFAULT.raw().toString().replace("2026-01-02T06", "2026-01-02T10"));

        assertThat(judge(web, late, DEFAULT).differs()).isTrue();
        assertThat(judge(web, late, DEFAULT).notes().get(0)).contains("probably older than the label");
        assertThat(judge(web, late, young).notes().get(0)).contains("before the webhook configuration");
        assertThat(judge(
                                web,
                                late,
                                resource(
                                        ResourceKind.MUTATING_WEBHOOK_CONFIGURATION,
                                        DEFAULT.raw().toString().replace("\"Fail\"", "\"Ignore\"")))
                        .notes()
                        .get(0))
                .contains("failurePolicy is Ignore");
        assertThat(judge(web, late, DEFAULT).remedy()).contains("delete pod web");
    }

    @Test
    void should_see_what_a_pod_has() {
        Resource enabled = namespace("'istio-injection':'enabled'");
        String status = "'sidecar.istio.io/status':'{\\'revision\\':\\'1-19\\'}'".replace("\\'", "\\\"");
        Injection old = judge(pod("", status, SIDECAR), enabled, DEFAULT);

        assertThat(old.presence()).isEqualTo(Presence.SIDECAR);
        assertThat(old.presentRevision()).contains("1-19");
        assertThat(old.differs()).isTrue();
        assertThat(old.notes().get(0)).contains("injected by revision 1-19; a new one would be by default");
        assertThat(judge(
                                pod(
                                        "",
                                        "",
                                        "'initContainers':[{'name':'istio-proxy','restartPolicy':'Always','image':'p'}],"
                                                + PLAIN),
                                enabled,
                                DEFAULT)
                        .presence())
                .isEqualTo(Presence.NATIVE_SIDECAR);
        assertThat(judge(pod("", "'inject.istio.io/templates':'grpc-agent'", SIDECAR), enabled, DEFAULT)
                        .presence())
                .isEqualTo(Presence.GRPC);
        assertThat(judge(pod("", "", SIDECAR.replace("'sidecar'", "'router'")), enabled, DEFAULT)
                        .presence())
                .isEqualTo(Presence.GATEWAY);
        assertThat(judge(pod("", "'ambient.istio.io/redirection':'enabled'", PLAIN), enabled, DEFAULT)
                        .presence())
                .isEqualTo(Presence.AMBIENT);
        Injection placeholder =
                judge(pod("", "", "'containers':[{'name':'istio-proxy','image':'auto'}]"), enabled, DEFAULT);
        assertThat(placeholder.presence()).isEqualTo(Presence.NONE);
        assertThat(placeholder.notes()).anyMatch(note -> note.contains("placeholder"));
        assertThat(judge(pod("", "", SIDECAR), namespace(""), DEFAULT).notes().get(0))
                .contains("part of the pod template");
    }

    @Test
    void should_not_decide_what_it_may_not_read() {
        assertThat(judge(pod("", "", PLAIN), null, DEFAULT).outcome()).isEqualTo(Outcome.UNKNOWN);
        assertThat(judge(pod("'sidecar.istio.io/inject':'false'", "", PLAIN), null, webhooks("a", "a", ""))
                        .outcome())
                .isEqualTo(Outcome.NOT_INJECTED);
        Injection blind = InjectionJudge.judge(
                InjectionJudge.Subject.pod(pod("", "", PLAIN)),
                new InjectionJudge.Facts(namespace(""), null, List.of(), List.of()));
        assertThat(blind.outcome()).isEqualTo(Outcome.UNKNOWN);
        assertThat(blind.reason()).contains("could not be read");
    }

    @Test
    void should_warn_of_two_webhooks_that_match() {
        Injection injection = judge(
                pod("", "", PLAIN),
                namespace("'istio-injection':'enabled'"),
                DEFAULT,
                resource(
                        ResourceKind.MUTATING_WEBHOOK_CONFIGURATION,
                        DEFAULT.raw().toString().replace("istio-sidecar-injector", "istio-copy")));

        assertThat(injection.notes().get(0)).startsWith("2 webhooks match");
        assertThat(injection.webhook().orElseThrow().configuration().name()).isEqualTo("istio-copy");
    }

    @Test
    void should_stand_hostile_values() {
        Resource odd = resource(
                ResourceKind.MUTATING_WEBHOOK_CONFIGURATION,
                "{'metadata':{'name':'odd','labels':{'istio.io/rev':''}},'webhooks':[{'name':7,'namespaceSelector':'x',"
                        + "'objectSelector':[1],'rules':{'a':1}},null,{'name':'x.istio.io','namespaceSelector':"
                        + "{'matchExpressions':[{'key':null,'operator':'Near','values':'a'}]}}]}");
        Resource pod = pod("", "'sidecar.istio.io/status':'{broken','inject.istio.io/templates':' , ,'", SIDECAR);

        Injection injection = judge(pod, namespace("'istio-injection':'enabled'"), odd);

        assertThat(injection.webhooks()).isNotEmpty();
        assertThat(injection.presentRevision()).isEmpty();
        assertThat(injection.toString()).isNotEmpty();
    }

    @Test
    void should_agree_with_istioctl_on_recorded_meshes() {
        Session session = Shared.recording("sidecar/healthy");

        assertThat(InjectionReader.pod(session, "production", "productpage-v1-djwqt74q2c-9nqcf")
                        .reason())
                .startsWith("Namespace label istio-injection=enabled matches");
        assertThat(InjectionReader.pod(session, "istio-system", "istio-ingressgateway-pzllwww8cz-z8pwp")
                        .reason())
                .startsWith("Pod label sidecar.istio.io/inject=true matches");
        for (Resource pod : session.resources(ResourceKind.POD)) {
            assertThat(InjectionReader.pod(session, pod.namespace(), pod.name()).differs())
                    .as(pod.toString())
                    .isFalse();
        }
    }

    @Test
    void should_answer_from_manifests_as_far_as_they_go(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("all.yaml");
        String deployment = """
                apiVersion: v1
                kind: Namespace
                metadata: {name: shop, labels: {istio-injection: enabled}}
                ---
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: web, namespace: shop}
                spec:
                  template:
                    metadata: {labels: {app: web, sidecar.istio.io/inject: "false"}}
                    spec: {containers: [{name: app, image: app}]}
                """;
        Files.writeString(file, deployment);
        Injection without = InjectionReader.pod(Shared.session(ManifestSource.open(List.of(file))), "shop", "web");
        Files.writeString(
                file,
                deployment
                        + "---\n{\"apiVersion\":\"admissionregistration.k8s.io/v1\",\"kind\":\"MutatingWebhookConfiguration\","
                        + DEFAULT.raw().toString().substring(1));
        Injection with = InjectionReader.pod(Shared.session(ManifestSource.open(List.of(file))), "shop", "web");
        Injection other = InjectionReader.namespace(
                Shared.session(ManifestSource.open(List.of(file))), "shop", Map.of("app", "other"));

        assertThat(without.outcome()).isEqualTo(Outcome.UNKNOWN);
        assertThat(without.inconclusive()).anyMatch(gap -> gap.reason() == Reason.NOT_RECORDED);
        assertThat(with.outcome()).isEqualTo(Outcome.NOT_INJECTED);
        assertThat(with.subject().kind()).isEqualTo("Deployment");
        assertThat(with.reason()).contains("Pod label sidecar.istio.io/inject=false prevents it");
        assertThat(other.outcome()).isEqualTo(Outcome.INJECTED);
        assertThat(other.presence()).isEqualTo(Presence.NO_POD);
    }
}
