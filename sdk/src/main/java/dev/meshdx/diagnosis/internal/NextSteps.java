package dev.meshdx.diagnosis.internal;

import dev.meshdx.finding.Finding;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.Scope;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/** What to type next: a look at what is to blame, then the page that explains it. Pure. */
final class NextSteps {
    private static final int MOST = 4;

    private NextSteps() {}

    /**
     * What to type.
     *
     * @param peers whom a symptom points to
     * @param diagnosed whether a pod or a service belongs to what was diagnosed
     * @param live whether kubectl would see the same mesh
     * @param options what the commands need to look at the same source
     */
    static List<String> of(
            Scope scope,
            Correlation correlation,
            Function<Finding, List<ResourceRef>> peers,
            Predicate<ResourceRef> diagnosed,
            boolean live,
            String options) {
        Set<String> commands = new LinkedHashSet<>();
        List<Finding> causes = correlation.causes();
        for (Finding cause : causes.subList(0, Math.min(2, causes.size()))) {
            if (live) {
                commands.add(look(cause));
            }
            if (cause.code().equals("MDX0101")) {
                commands.add("meshdx control-plane" + options);
            } else {
                elsewhere(cause, peers, diagnosed).ifPresent(peer -> commands.add(diagnose(peer) + options));
            }
            commands.add("meshdx explain " + cause.code());
        }
        if (causes.isEmpty() && live && scope.isPod()) {
            commands.add("meshdx trace " + scope.pod() + " -n " + scope.namespace() + " GET http://HOST:PORT/PATH");
        }
        return List.copyOf(new ArrayList<>(commands).subList(0, Math.min(MOST, commands.size())));
    }

    /** Where the cause lies, if that is not what was diagnosed; else where a symptom points to. */
    private static Optional<ResourceRef> elsewhere(
            Finding cause, Function<Finding, List<ResourceRef>> peers, Predicate<ResourceRef> diagnosed) {
        ResourceRef subject = cause.subject();
        boolean other = (subject.kind().equals("Pod") || subject.kind().equals("Service")) && !diagnosed.test(subject);
        return other
                ? Optional.of(subject)
                : peers.apply(cause).stream().filter(diagnosed.negate()).findFirst();
    }

    private static String diagnose(ResourceRef peer) {
        return "meshdx diagnose " + (peer.kind().equals("Service") ? "--service " : "") + peer.name() + " -n "
                + peer.namespace();
    }

    private static String look(Finding cause) {
        ResourceRef subject = cause.subject();
        String namespace = subject.namespace().isEmpty() ? "" : "kubectl -n " + subject.namespace();
        String kubectl = namespace.isEmpty() ? "kubectl" : namespace;
        if (subject.kind().equals("Pod")) {
            return cause.code().startsWith("MDX04")
                    ? kubectl + " logs " + subject.name() + " -c istio-proxy --tail=50"
                    : kubectl + " describe pod " + subject.name();
        }
        return kubectl + " get " + resource(subject.kind()) + " " + subject.name() + " -o yaml";
    }

    /** With the group, where kubectl would take another kind of the same name. */
    private static String resource(String kind) {
        return ResourceKind.known().stream()
                .filter(known -> known.kind().equals(kind))
                .findFirst()
                .map(known -> known.group().endsWith("istio.io") ? known.qualifiedPlural() : known.plural())
                .orElse(kind.toLowerCase(Locale.ROOT));
    }
}
