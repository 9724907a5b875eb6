package dev.meshdx.diagnosis.internal;

import dev.meshdx.finding.Evidence;
import dev.meshdx.finding.Finding;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names in a finding, by the part that they play in it. A log's finding has the pod as its subject that saw a request
 * fail; what it is about is where the request went. All others are about whatever they name. Pure.
 *
 * @param subject its subject and, of a pod, its workload
 * @param about what it is about
 * @param all these, and every other name in message and evidence
 * @param inbound whether it is about requests that had arrived at the subject's own application
 */
record Names(Set<String> subject, Set<String> about, Set<String> all, boolean inbound) {
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9.-]*[a-z0-9])?");
    private static final Pattern DATE = Pattern.compile("\\d{4}-\\d\\d-\\d\\d.*");
    private static final Pattern NUMBERS = Pattern.compile("[0-9.-]+");
    private static final Pattern ADDRESS = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
    private static final Pattern OUTBOUND = Pattern.compile("outbound\\|\\d*\\|[^|\\s]*\\|([a-z0-9.*-]+)");

    /** Fields whose value is a name, though it may look like any word: {@code host: reviews}. Findings quote it. */
    private static final Pattern NAMING = Pattern.compile(
            "(.*\\.)?(host|hosts\\[\\d+]|credentialName|(backendRefs|certificateRefs|parentRefs)\\[\\d+]\\.name)");

    /** Words that every finding may use, and that therefore tie nothing together. */
    private static final Set<String> COMMON = Set.of(
            "istio-system",
            "istio-proxy",
            "outbound",
            "inbound",
            "svc",
            "cluster",
            "local",
            "cluster.local",
            "http",
            "https",
            "default",
            "envoy",
            "pod",
            "proxy",
            "service",
            "namespace");

    static Names of(Finding finding) {
        Set<String> subject = new HashSet<>();
        add(subject, finding.subject().name(), true);
        Set<String> all = new HashSet<>(subject);
        add(all, finding.message(), false);
        for (Evidence evidence : finding.evidence()) {
            add(all, evidence.where(), true);
            add(all, evidence.value(), true);
            if (NAMING.matcher(evidence.what()).matches()) {
                add(all, evidence.value().replace("\"", ""), true);
            }
        }
        boolean inbound = isLog(finding) && isInbound(finding);
        Set<String> about = new HashSet<>();
        if (inbound) {
            about.addAll(subject);
        } else if (isLog(finding)) {
            add(about, finding.message().replace(finding.subject().name(), " "), false);
            for (Evidence evidence : finding.evidence()) {
                Matcher host = OUTBOUND.matcher(evidence.value());
                while (host.find()) {
                    add(about, host.group(1), true);
                }
                if (evidence.what().equals("upstream host")) {
                    add(about, evidence.value(), true);
                }
            }
        } else {
            about.addAll(all);
        }
        for (Set<String> names : List.of(subject, about, all)) {
            if (!subject.contains(finding.subject().namespace())) {
                names.remove(finding.subject().namespace());
            }
            names.removeAll(COMMON);
        }
        return new Names(Set.copyOf(subject), Set.copyOf(about), Set.copyOf(all), inbound);
    }

    private static boolean isLog(Finding finding) {
        return finding.code().startsWith("MDX04");
    }

    private static boolean isInbound(Finding finding) {
        String pod = finding.subject().name();
        return finding.code().equals("MDX0413")
                || finding.code().equals("MDX0414")
                || finding.message().contains("application of " + pod)
                || finding.message().matches("(?s).*port \\d+ of " + Pattern.quote(pod) + ".*")
                || finding.evidence().stream()
                        .anyMatch(evidence -> evidence.value().contains("inbound|"));
    }

    private static void add(Set<String> names, String text, boolean single) {
        String lower = text.toLowerCase(Locale.ROOT);
        Matcher matcher = NAME.matcher(lower);
        while (matcher.find()) {
            String name = matcher.group();
            boolean number =
                    NUMBERS.matcher(name).matches() && !ADDRESS.matcher(name).matches();
            if (name.length() < 3 || number || DATE.matcher(name).matches()) {
                continue;
            }
            // Only what looks like the name of something in a cluster ties findings together, not every word.
            if (name.indexOf('-') > 0 || name.indexOf('.') > 0) {
                names.add(name);
                int dot = name.indexOf('.');
                if (dot > 2 && !Character.isDigit(name.charAt(0))) {
                    names.add(name.substring(0, dot));
                }
                owners(names, name);
            } else if (isHostWithPort(lower, matcher.end()) || (single && lower.length() == name.length())) {
                names.add(name);
            }
        }
    }

    /** {@code reviews:9080} is a name, though nothing in {@code reviews} alone tells it from a word. */
    private static boolean isHostWithPort(String text, int end) {
        return end + 1 < text.length() && text.charAt(end) == ':' && Character.isDigit(text.charAt(end + 1));
    }

    /** {@code reviews-v1-6d8f-x2x9k} speaks of {@code reviews-v1} and {@code reviews} too. */
    private static void owners(Set<String> names, String name) {
        String rest = name.indexOf('.') > 0 ? name.substring(0, name.indexOf('.')) : name;
        for (int dash = rest.lastIndexOf('-'); dash > 2; dash = rest.lastIndexOf('-')) {
            rest = rest.substring(0, dash);
            names.add(rest);
        }
    }
}
