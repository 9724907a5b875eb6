package dev.meshdx.health.internal;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.internal.InjectionWebhooks;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.health.Injection;
import dev.meshdx.health.Injection.Outcome;
import dev.meshdx.health.Injection.Presence;
import dev.meshdx.health.InjectionWebhook;
import dev.meshdx.health.SelectorMatch;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.internal.Pods;
import dev.meshdx.model.internal.Selectors;
import dev.meshdx.model.internal.Selectors.Requirement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Decides about injection as Kubernetes (selectors of the webhooks) and istiod (the pod) would.
 *
 * <p>Sources: istio/istio, {@code istioctl/pkg/checkinject/checkinject.go}; {@code pkg/kube/inject/inject.go}, {@code
 * injectRequired} and {@code IgnoredNamespaces}; {@code istioctl/pkg/util/common.go}, {@code NeverMatch}.
 */
final class InjectionJudge {
    static final String INJECT = "sidecar.istio.io/inject";
    private static final String INJECTION = "istio-injection";
    private static final String REVISION = InjectionWebhooks.REVISION;
    private static final String MODE = "istio.io/dataplane-mode";
    private static final Set<String> IGNORED =
            Set.of("kube-system", "kube-public", "kube-node-lease", "local-path-storage");
    private static final Json NEVER = Json.object("matchLabels", Json.object("istio.io/deactivated", "never-match"));

    /**
     * What is asked about.
     *
     * @param subject the pod, the workload whose template it is, or the namespace
     * @param object the pod, or the workload; null for a namespace
     * @param isPod whether it is a pod, which has or has not what it should
     * @param podSpec of the pod, or of the template; missing for a namespace
     */
    record Subject(
            ResourceRef subject,
            String namespace,
            Map<String, String> labels,
            Map<String, String> annotations,
            Json podSpec,
            @Nullable Resource object,
            boolean isPod) {
        static Subject pod(Resource pod) {
            return new Subject(pod.ref(), pod.namespace(), pod.labels(), pod.annotations(), pod.spec(), pod, true);
        }

        static Subject template(Resource workload) {
            Json template = workload.spec().at("template");
            return new Subject(
                    workload.ref(),
                    workload.namespace(),
                    template.at("metadata", "labels").textMap(),
                    template.at("metadata", "annotations").textMap(),
                    template.at("spec"),
                    workload,
                    false);
        }

        static Subject namespace(String namespace, Map<String, String> labels) {
            return new Subject(
                    ResourceRef.of("Namespace", "", namespace), namespace, labels, Map.of(), Json.MISSING, null, false);
        }
    }

    /**
     * What the cluster says.
     *
     * @param namespace null where it could not be read
     * @param webhooks all MutatingWebhookConfigurations; null where they could not be read
     * @param injectors the ConfigMaps {@code istio-sidecar-injector…} of Istio's namespace that could be read
     */
    record Facts(
            @Nullable Resource namespace,
            @Nullable List<Resource> webhooks,
            List<Resource> injectors,
            List<Inconclusive> gaps) {}

    private final Subject subject;
    private final Facts facts;
    private final Map<String, String> namespaceLabels;
    private final List<InjectionWebhook> webhooks = new ArrayList<>();
    private final Set<String> revisions = new TreeSet<>();
    private final List<String> notes = new ArrayList<>();
    private Outcome outcome = Outcome.UNKNOWN;
    private String reason = "";
    private String remedy = "";
    private @Nullable InjectionWebhook deciding;

    private InjectionJudge(Subject subject, Facts facts) {
        this.subject = subject;
        this.facts = facts;
        this.namespaceLabels =
                facts.namespace() == null ? Map.of() : facts.namespace().labels();
    }

    static Injection judge(Subject subject, Facts facts) {
        return new InjectionJudge(subject, facts).result();
    }

    private Injection result() {
        examine();
        decide();
        Presence presence = presence(subject);
        String revision = subject.isPod() ? presentRevision(subject) : "";
        compare(presence, revision);
        return new Injection(new Injection.Fields(
                subject.subject(),
                subject.namespace(),
                subject.labels(),
                outcome,
                reason,
                deciding,
                webhooks,
                presence,
                revision,
                templates(subject),
                notes,
                remedy,
                facts.gaps()));
    }

    // ---- the webhooks ----

    private void examine() {
        if (facts.webhooks() == null) {
            return;
        }
        List<Resource> sorted = facts.webhooks().stream()
                .sorted(Comparator.comparing(Resource::name))
                .toList();
        InjectionWebhooks injectors = InjectionWebhooks.of(Configuration.builder()
                .resources(ResourceKind.MUTATING_WEBHOOK_CONFIGURATION, sorted)
                .build());
        revisions.addAll(injectors.revisions());
        for (InjectionWebhooks.Webhook webhook : injectors.all()) {
            Json value = webhook.field().value();
            Json namespaceSelector = value.at("namespaceSelector");
            Json objectSelector = value.at("objectSelector");
            webhooks.add(new InjectionWebhook(
                    webhook.owner().ref(),
                    webhook.name(),
                    webhook.owner()
                            .label(REVISION)
                            .filter(name -> !name.isEmpty())
                            .orElse("default"),
                    webhook.owner().label("istio.io/tag").orElse(""),
                    value.at("failurePolicy").text("Fail"),
                    facts.namespace() == null && !isEmpty(namespaceSelector)
                            ? new SelectorMatch(false, "the namespace's labels", "could not be read")
                            : match(namespaceSelector, namespaceLabels),
                    match(objectSelector, subject.labels()),
                    namespaceSelector.equals(NEVER) && objectSelector.equals(NEVER),
                    hindrance(value)));
            if (value.at("matchConditions").size() > 0) {
                notes.add("Webhook " + webhook.path() + " has matchConditions, which are not evaluated here.");
            }
        }
    }

    private static boolean isEmpty(Json selector) {
        return selector.at("matchLabels").size() == 0
                && selector.at("matchExpressions").size() == 0;
    }

    private static SelectorMatch match(Json selector, Map<String, String> labels) {
        Optional<Requirement> refusing = Selectors.refusing(selector, labels);
        Optional<Requirement> decides = refusing.isPresent() ? refusing : Selectors.admitting(selector, labels);
        return new SelectorMatch(
                refusing.isEmpty(),
                decides.map(Requirement::text).orElse(""),
                decides.map(condition -> label(condition.key(), labels)).orElse(""));
    }

    private static String label(String key, Map<String, String> labels) {
        String value = labels.get(key);
        return value == null ? "no label " + key : key + "=" + value;
    }

    /** Rules that leave out new pods; without rules nothing is called. Source: Kubernetes, "Dynamic Admission Control". */
    private static String hindrance(Json webhook) {
        List<Json> rules = webhook.at("rules").items();
        boolean called = rules.isEmpty()
                || rules.stream()
                        .anyMatch(rule -> has(rule, "operations", "CREATE")
                                && has(rule, "apiGroups", "")
                                && (has(rule, "resources", "pods") || has(rule, "resources", "*/*")));
        return called ? "" : "its rules leave out the creation of pods";
    }

    private static boolean has(Json rule, String list, String value) {
        List<String> values = rule.at(list).texts();
        return values.contains(value) || values.contains("*");
    }

    // ---- the verdict ----

    private void decide() {
        if (facts.webhooks() == null) {
            Optional<Inconclusive> gap = facts.gaps().stream()
                    .filter(missing -> missing.what().contains("webhook"))
                    .findFirst();
            reason = "The injection webhooks could not be read"
                    + gap.map(missing -> ": " + missing.message()).orElse(".");
            remedy = gap.map(Inconclusive::remedy).orElse("");
            return;
        }
        if (webhooks.isEmpty()) {
            no(
                    "There is no injection webhook: no MutatingWebhookConfiguration names a revision of Istio, or has a webhook"
                            + " whose name ends with istio.io.");
            remedy = "Install istiod, or its webhooks: istioctl tag set default --revision REVISION";
            return;
        }
        List<InjectionWebhook> matching =
                webhooks.stream().filter(InjectionWebhook::matches).toList();
        if (matching.isEmpty()) {
            if (facts.namespace() == null
                    && webhooks.stream()
                            .anyMatch(webhook -> webhook.objectSelector().matches())) {
                reason = "Labels of namespace " + subject.namespace()
                        + " decide, and the namespace could not be read or is not there.";
                remedy = "Permission needed: get namespaces. In manifests: add the Namespace with its labels.";
                return;
            }
            noWebhook();
            return;
        }
        deciding = matching.get(0);
        if (matching.size() > 1) {
            notes.add(matching.size() + " webhooks match, and the pod may be injected by each of them: "
                    + String.join(
                            ", ", matching.stream().map(InjectionJudge::path).toList())
                    + ".");
        }
        istiod(deciding);
    }

    private static String path(InjectionWebhook webhook) {
        return webhook.configuration().name() + "/" + webhook.name();
    }

    private void no(String why) {
        outcome = Outcome.NOT_INJECTED;
        reason = why;
    }

    /** No webhook is called: in istioctl's order, what keeps them all away. */
    private void noWebhook() {
        if (!"false".equals(subject.labels().get(INJECT)) && unknownRevision()) {
            return;
        }
        for (InjectionWebhook webhook : webhooks) {
            if (webhook.matches() || webhook.isDeactivated()) {
                continue;
            }
            boolean namespace = webhook.namespaceSelector().matches();
            if (namespace && webhook.objectSelector().matches()) {
                no("Webhook " + path(webhook) + " selects it, but " + webhook.hindrance() + ".");
                return;
            }
            if (namespace && forbids(webhook.objectSelector())) {
                no("Pod label " + webhook.objectSelector().label() + " prevents it: webhook " + path(webhook)
                        + " has objectSelector " + webhook.objectSelector().condition() + ".");
                remedy = "If it should be injected, change the label in the pod template: "
                        + key(webhook.objectSelector());
                return;
            }
            if (!namespace
                    && webhook.objectSelector().matches()
                    && namespaceLabels.containsKey(INJECTION)
                    && !"enabled".equals(namespaceLabels.get(INJECTION))) {
                no("Namespace label " + label(INJECTION, namespaceLabels) + " prevents it.");
                remedy = "If its pods should be injected: kubectl label namespace " + subject.namespace() + " "
                        + INJECTION + "=enabled --overwrite";
                if (namespaceLabels.containsKey(REVISION)) {
                    notes.add("Namespace label " + label(REVISION, namespaceLabels) + " has no effect beside "
                            + INJECTION + ", which wins.");
                }
                return;
            }
        }
        if (webhooks.stream().allMatch(InjectionWebhook::isDeactivated)) {
            no("The injection webhooks are deactivated: their selectors match nothing (istio.io/deactivated).");
            remedy = "Activate a revision: istioctl tag set default --revision REVISION";
            return;
        }
        missingLabels();
    }

    /** Whether a label that is there is one too many. */
    private static boolean forbids(SelectorMatch match) {
        return !match.label().startsWith("no label ")
                && (match.condition().contains(" notin (") || match.condition().endsWith(" does not exist"));
    }

    /** A revision that has no webhook: the usual slip, and the selectors alone do not name it. */
    private boolean unknownRevision() {
        String own = subject.labels().get(REVISION);
        String namespaces = namespaceLabels.get(REVISION);
        if (namespaceLabels.containsKey(INJECTION)) {
            return false;
        }
        if (namespaces != null && !revisions.contains(namespaces)) {
            no("Namespace label " + REVISION + "=" + namespaces + " names a revision or tag that has no webhook."
                    + served());
            remedy = "kubectl label namespace " + subject.namespace() + " " + REVISION + "=" + offered()
                    + " --overwrite, or install it: istioctl tag set " + namespaces + " --revision REVISION";
            return true;
        }
        if (namespaces == null && own != null && !revisions.contains(own)) {
            no("Pod label " + REVISION + "=" + own + " names a revision or tag that has no webhook." + served());
            remedy = "Change the label in the pod template, or install the revision.";
            return true;
        }
        return false;
    }

    private String served() {
        return revisions.isEmpty() ? "" : " Revisions and tags with a webhook: " + String.join(", ", revisions) + ".";
    }

    private String offered() {
        return revisions.isEmpty() ? "REVISION" : revisions.iterator().next();
    }

    /** The label that a selector's condition is about. */
    private static String key(SelectorMatch match) {
        int space = match.condition().indexOf(' ');
        return space < 0 ? "" : match.condition().substring(0, space);
    }

    private void missingLabels() {
        if ("false".equals(subject.labels().get(INJECT))) {
            boolean unknown = unknownRevision();
            if (unknown) {
                notes.add(reason);
            }
            remedy = "";
            no("Pod label " + INJECT + "=false asks for no sidecar"
                    + (unknown ? "." : ", and no webhook matches the namespace either."));
            return;
        }
        boolean podRefuses = webhooks.stream()
                .anyMatch(webhook -> webhook.namespaceSelector().matches());
        if ("enabled".equals(namespaceLabels.get(INJECTION)) && !podRefuses) {
            no("Namespace label istio-injection=enabled asks the default revision, and no webhook answers to it."
                    + served());
            remedy = "istioctl tag set default --revision " + offered()
                    + ", or label the namespace with a revision: kubectl label namespace " + subject.namespace() + " "
                    + INJECTION + "- " + REVISION + "=" + offered();
            return;
        }
        String asked = Stream.of(INJECTION, REVISION)
                .filter(namespaceLabels::containsKey)
                .map(name -> label(name, namespaceLabels))
                .reduce((one, other) -> one + ", " + other)
                .orElse("");
        String ambient = "ambient".equals(namespaceLabels.get(MODE))
                ? " The namespace is in ambient mode (" + MODE + "=ambient), which needs no sidecar."
                : "";
        no((asked.isEmpty()
                        ? "No label asks for it: namespace " + subject.namespace() + " has neither " + INJECTION
                                + " nor " + REVISION + ", and the pod has neither " + INJECT
                                + "=true nor a revision that does."
                        : "No webhook matches the namespace (" + asked + ") together with the pod.")
                + ambient
                + (asked.isEmpty() ? "" : served()));
        if (ambient.isEmpty()) {
            remedy = "If its pods should be injected: kubectl label namespace " + subject.namespace() + " "
                    + (revisions.contains("default") || revisions.isEmpty()
                            ? INJECTION + "=enabled"
                            : REVISION + "=" + offered());
        }
    }

    /** A webhook is called: what istiod answers. Source: istio/istio, {@code pkg/kube/inject/inject.go}, injectRequired. */
    private void istiod(InjectionWebhook webhook) {
        if (subject.podSpec().at("hostNetwork").bool(false)) {
            no("The pod uses the host's network (spec.hostNetwork: true); istiod never injects such pods.");
            return;
        }
        if (IGNORED.contains(subject.namespace())) {
            no("istiod never injects pods of namespace " + subject.namespace() + ".");
            return;
        }
        boolean labelled = subject.labels().containsKey(INJECT);
        String wish = (labelled ? subject.labels() : subject.annotations()).getOrDefault(INJECT, "");
        String said = (labelled ? "label " : "annotation ") + INJECT + "=" + wish;
        if (labelled && !subject.annotations().getOrDefault(INJECT, wish).equals(wish)) {
            notes.add("The annotation " + INJECT + "=" + subject.annotations().get(INJECT)
                    + " has no effect: the label of that name wins.");
        }
        boolean asked = "true".equals(wish);
        if (!wish.isEmpty() && !asked) {
            no("The pod's " + said + " makes istiod leave it out"
                    + (wish.equals("false") ? "." : ": only the value true asks for a sidecar."));
            return;
        }
        Json config = injector(webhook.revision());
        String policy = config.at("policy").text("enabled");
        if (!policy.equals("enabled") && !policy.equals("disabled")) {
            no("The injector's policy is " + policy
                    + " (ConfigMap istio-sidecar-injector), which turns injection off.");
            return;
        }
        if (!asked) {
            Json never = selecting(config.at("neverInjectSelector"));
            if (never.exists()) {
                no("The injector's neverInjectSelector matches the pod's labels: " + never + ".");
                return;
            }
            Json always = selecting(config.at("alwaysInjectSelector"));
            if (always.exists()) {
                said = "alwaysInjectSelector " + always;
                asked = true;
            }
        }
        if (policy.equals("disabled") && !asked) {
            no("The injector's policy is disabled (ConfigMap istio-sidecar-injector): only pods that ask for it with "
                    + INJECT + "=true are injected.");
            return;
        }
        outcome = Outcome.INJECTED;
        String namespaceSide = webhook.namespaceSelector().label();
        String podSide = webhook.objectSelector().label();
        reason = (namespaceSide.isEmpty() && podSide.isEmpty()
                        ? "Nothing forbids it, and webhook "
                        : (namespaceSide.isEmpty() ? "" : "Namespace label " + namespaceSide)
                                + (namespaceSide.isEmpty() || podSide.isEmpty() ? "" : " and pod ")
                                + (podSide.isEmpty()
                                        ? ""
                                        : (namespaceSide.isEmpty() ? "Pod label " : "label ") + podSide)
                                + (!namespaceSide.isEmpty() && !podSide.isEmpty() ? " match" : " matches")
                                + " webhook ")
                + path(webhook) + " of revision " + webhook.revision() + "."
                + (namespaceSide.startsWith("kubernetes.io/metadata.name=")
                        ? " It injects all namespaces that do not say otherwise."
                        : "");
        if (asked && said.startsWith("alwaysInject")) {
            notes.add("The injector's " + said + " matches the pod.");
        }
        if (namespaceLabels.containsKey(INJECTION) && namespaceLabels.containsKey(REVISION)) {
            notes.add("The namespace has both " + label(INJECTION, namespaceLabels) + " and "
                    + label(REVISION, namespaceLabels) + "; " + INJECTION + " wins.");
        }
    }

    /** The first selector of a list that is not empty and matches the pod. */
    private Json selecting(Json selectors) {
        return selectors.items().stream()
                .filter(selector -> !isEmpty(selector))
                .filter(selector -> Selectors.matches(selector, subject.labels()))
                .findFirst()
                .orElse(Json.MISSING);
    }

    private Json injector(String revision) {
        String name = "istio-sidecar-injector" + (revision.equals("default") ? "" : "-" + revision);
        return facts.injectors().stream()
                .filter(map -> map.name().equals(name))
                .map(InjectionReader::settings)
                .findFirst()
                .orElse(Json.MISSING);
    }

    // ---- what there is ----

    /** What a pod has. Of a pod whose proxy is a placeholder that nobody filled in, nothing. */
    static Presence presence(Subject subject) {
        Resource pod = subject.object();
        if (!subject.isPod() || pod == null) {
            return Presence.NO_POD;
        }
        if (Pods.hasProxy(pod) && !isPlaceholder(pod)) {
            return Pods.isZtunnel(pod)
                    ? Presence.ZTUNNEL
                    : Pods.isProxyOfType(pod, "waypoint")
                            ? Presence.WAYPOINT
                            : Pods.isProxyOfType(pod, "router")
                                    ? Presence.GATEWAY
                                    : templates(subject).stream().anyMatch(name -> name.startsWith("grpc-"))
                                            ? Presence.GRPC
                                            : isNative(pod) ? Presence.NATIVE_SIDECAR : Presence.SIDECAR;
        }
        if (templates(subject).contains("grpc-simple") && !status(subject).isEmpty()) {
            return Presence.GRPC;
        }
        return Pods.isAmbient(pod) ? Presence.AMBIENT : Presence.NONE;
    }

    private static boolean isPlaceholder(Resource pod) {
        return Pods.containers(pod).stream()
                .filter(container -> container.at("name").text("").equals(Pods.PROXY_CONTAINER))
                .allMatch(container -> container.at("image").text("unknown").equals("auto"));
    }

    private static boolean isNative(Resource pod) {
        return pod.spec().at("initContainers").items().stream()
                .anyMatch(container -> container.at("name").text("").equals(Pods.PROXY_CONTAINER));
    }

    private static String status(Subject subject) {
        return subject.annotations().getOrDefault("sidecar.istio.io/status", "");
    }

    /** The annotation first, then the status that the injector writes. Source: istio/istio, {@code istioctl/cmd/injector-list.go}. */
    private static String presentRevision(Subject subject) {
        String named = subject.annotations().getOrDefault(REVISION, "");
        if (!named.isEmpty() || status(subject).isEmpty()) {
            return named;
        }
        return InjectionReader.parse(status(subject)).at("revision").text("");
    }

    private static List<String> templates(Subject subject) {
        return Stream.of(subject.annotations()
                        .getOrDefault("inject.istio.io/templates", "")
                        .split(",", -1))
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .toList();
    }

    // ---- where both differ ----

    private void compare(Presence presence, String revision) {
        Resource pod = subject.object();
        if (!subject.isPod() || pod == null) {
            return;
        }
        boolean without = presence == Presence.NONE || presence == Presence.AMBIENT;
        if (outcome == Outcome.INJECTED && without) {
            why(pod, presence);
            remedy = anew(pod);
        } else if (outcome == Outcome.INJECTED
                && deciding != null
                && !revision.isEmpty()
                && !revision.equals(deciding.revision())
                && (presence == Presence.SIDECAR || presence == Presence.NATIVE_SIDECAR)) {
            notes.add("The pod was injected by revision " + revision + "; a new one would be by " + deciding.revision()
                    + ".");
            remedy = anew(pod);
        } else if (outcome == Outcome.NOT_INJECTED
                && (presence == Presence.SIDECAR || presence == Presence.NATIVE_SIDECAR)) {
            notes.add(
                    status(subject).isEmpty()
                            ? "The pod has a sidecar that no injector wrote (no annotation sidecar.istio.io/status): it is"
                                    + " part of the pod template."
                            : "The pod has a sidecar all the same: it was injected when labels or webhooks were others, or by"
                                    + " istioctl kube-inject. Its successor would have none.");
        }
        if (Pods.hasProxy(pod) && isPlaceholder(pod)) {
            notes.add(
                    "Container istio-proxy has the image auto: it is a placeholder that injection should have replaced.");
        }
    }

    private void why(Resource pod, Presence presence) {
        InjectionWebhook webhook = deciding;
        if (webhook == null) {
            return;
        }
        Optional<Instant> created = pod.createdAt();
        Optional<Instant> webhookCreated = facts.webhooks() == null
                ? Optional.empty()
                : facts.webhooks().stream()
                        .filter(owner -> owner.ref().equals(webhook.configuration()))
                        .findFirst()
                        .flatMap(Resource::createdAt);
        if (presence == Presence.AMBIENT) {
            notes.add("ztunnel takes the pod's traffic; a new pod would get a sidecar instead.");
        }
        if (created.isPresent() && webhookCreated.isPresent() && created.get().isBefore(webhookCreated.get())) {
            notes.add("The pod was created at " + created.get() + ", before the webhook configuration "
                    + webhook.configuration().name() + " (" + webhookCreated.get() + ").");
        } else if (webhook.failurePolicy().equals("Ignore")) {
            notes.add("The webhook's failurePolicy is Ignore: a pod that is created while istiod does not answer has no"
                    + " sidecar.");
        } else if (presence == Presence.NONE) {
            notes.add("The pod is probably older than the label that asks for it"
                    + created.map(at -> " (created " + at + ")").orElse("")
                    + "; when the label was set, the API server does not tell.");
        }
    }

    private static String anew(Resource pod) {
        return "Create it anew: kubectl -n " + pod.namespace() + " delete pod " + pod.name()
                + " (its controller makes another), or restart its controller: kubectl -n " + pod.namespace()
                + " rollout restart deployment NAME";
    }
}
