package dev.meshdx.diagnosis.internal;

import dev.meshdx.finding.Finding;
import dev.meshdx.model.ResourceRef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Makes one finding of those that say the same of several pods: replicas share their faults, and what istiod does to all
 * proxies is one fault too. Pure.
 */
final class Replicas {
    /** These come from the control plane, or from something that it sends: one cause, whatever the workload. */
    private static final Set<String> SHARED = Set.of("MDX0104", "MDX0105", "MDX0106", "MDX0304", "MDX0306", "MDX0414");

    /** How Kubernetes names the pods of Deployments, of DaemonSets and Jobs, and of StatefulSets. */
    private static final Pattern POD = Pattern.compile("(.+?)(-[a-z0-9]{4,10}-[a-z0-9]{5}|-[a-z0-9]{5}|-\\d+)");

    private static final Pattern DIGITS = Pattern.compile("\\d+");
    private static final int NAMED = 3;
    private static final int QUOTED = 20;

    private Replicas() {}

    /** The findings in their order, those that say the same merged into the first of them. */
    static List<Finding> merge(List<Finding> findings) {
        Map<List<Object>, List<Finding>> groups = new LinkedHashMap<>();
        Map<List<Object>, Integer> seen = new HashMap<>();
        for (Finding finding : findings) {
            List<Object> key = key(finding);
            // Where one pod says nearly the same twice, the second is merged with the second of others.
            int nth = seen.merge(List.of(key, finding.subject()), 1, Integer::sum);
            groups.computeIfAbsent(List.of(key, nth), group -> new ArrayList<>())
                    .add(finding);
        }
        return groups.values().stream().map(Replicas::one).toList();
    }

    private static List<Object> key(Finding finding) {
        ResourceRef subject = finding.subject();
        if (!subject.kind().equals("Pod")) {
            return List.of(finding);
        }
        String what = DIGITS.matcher(finding.message().replace(subject.name(), "POD"))
                .replaceAll("#")
                .replace(subject.namespace() + "/POD", "POD");
        String who = SHARED.contains(finding.code()) ? "" : subject.namespace() + "/" + workload(subject.name());
        return List.of(finding.code(), finding.severity(), who, what);
    }

    /** The workload that a pod's name tells. */
    static String workload(String pod) {
        Matcher matcher = POD.matcher(pod);
        return matcher.matches() ? matcher.group(1) : pod;
    }

    private static Finding one(List<Finding> same) {
        Finding first = same.get(0);
        if (same.size() == 1) {
            return first;
        }
        List<ResourceRef> others =
                same.stream().skip(1).map(Finding::subject).sorted().toList();
        int more = others.size() - Math.min(NAMED, others.size());
        Finding.Builder merged = first.toBuilder()
                .message(Attribution.withSecond(
                        first.message(),
                        "The same holds for "
                                + others.stream()
                                        .limit(NAMED)
                                        .map(ResourceRef::qualifiedName)
                                        .collect(Collectors.joining(", "))
                                + (more > 0 ? " and " + more + " more" : "") + "."));
        return merged.evidence(
                        "the same",
                        "",
                        others.size() + " more: "
                                + others.stream()
                                        .limit(QUOTED)
                                        .map(ResourceRef::qualifiedName)
                                        .collect(Collectors.joining(", "))
                                + (others.size() > QUOTED ? " …" : ""))
                .build();
    }
}
