package dev.meshdx.health.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.health.HealthCodes;
import dev.meshdx.health.IstiodInstance;
import dev.meshdx.health.PushStatistics;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/** MDX0118: errors while making and sending configuration, and refusals where no proxy can be asked. */
final class PushErrorsCheck implements Check<HealthModel> {
    private static final Map<String, String> MEANINGS = Map.of(
            "pilot_total_xds_internal_errors", "configuration could not be made",
            "pilot_xds_write_timeout", "proxies did not take what was sent in time",
            "pilot_total_xds_rejects", "proxies refused what was sent",
            "pilot_total_rejected_configs", "objects were left out of what is sent");

    private static final List<String> SERIES = List.of(
            "pilot_xds_cds_reject",
            "pilot_xds_lds_reject",
            "pilot_xds_rds_reject",
            "pilot_xds_eds_reject",
            "pilot_total_rejected_configs");

    @Override
    public List<FindingCode> codes() {
        return List.of(HealthCodes.PUSH_ERRORS);
    }

    @Override
    public void run(HealthModel model, Consumer<Finding> report) {
        for (IstiodInstance istiod : model.istiods) {
            Optional<IstiodMetrics> metrics = model.controlPlane.metrics(istiod);
            if (istiod.push().isEmpty() || metrics.isEmpty()) {
                continue;
            }
            PushStatistics push = istiod.push().get();
            SortedMap<String, Long> counts = new TreeMap<>();
            counts.put("pilot_total_xds_internal_errors", push.internalErrors());
            counts.put("pilot_xds_write_timeout", push.writeTimeouts());
            push.pushes().forEach((type, count) -> {
                if (type.endsWith("_senderr")) {
                    counts.put("pilot_xds_pushes{type=" + type + "}", count);
                }
            });
            // What proxies say of themselves is better: MDX0105 names the proxy and the reason.
            long rejects =
                    push.rejects().values().stream().mapToLong(Long::longValue).sum();
            // One that was long repaired counts for ever; what is refused all the time is worth a word.
            if (model.answered == 0 && Failures.severity(rejects, istiod.uptime()) == Severity.WARNING) {
                counts.put("pilot_total_xds_rejects", rejects);
            }
            counts.put("pilot_total_rejected_configs", push.rejectedConfigurations());
            long all = counts.values().stream().mapToLong(Long::longValue).sum();
            if (all > 0) {
                report.accept(finding(istiod, metrics.get(), counts, all));
            }
        }
    }

    private static Finding finding(
            IstiodInstance istiod, IstiodMetrics metrics, SortedMap<String, Long> counts, long all) {
        Set<String> what = new TreeSet<>();
        Finding.Builder finding = Finding.of(HealthCodes.PUSH_ERRORS, istiod.podRef());
        counts.forEach((metric, count) -> {
            if (count > 0) {
                what.add(MEANINGS.getOrDefault(metric, "could not be sent to a proxy") + ": "
                        + Failures.text(count, istiod.uptime()));
                finding.evidence(metric, istiod.podRef().toString(), String.valueOf(count));
            }
        });
        for (String series : SERIES) {
            metrics.counts(series).entrySet().stream()
                    .limit(3)
                    .filter(one -> counts.containsKey("pilot_total_xds_rejects")
                            || series.equals("pilot_total_rejected_configs"))
                    .forEach(one -> finding.evidence(
                            series + "{" + one.getKey() + "}",
                            istiod.podRef().toString(),
                            String.valueOf(one.getValue())));
        }
        return finding.severity(Failures.severity(all, istiod.uptime()))
                .message(istiod.pod() + " reports errors of pushes: " + String.join("; ", what) + ".")
                .remedy(
                        "kubectl -n " + istiod.namespace() + " logs " + istiod.pod()
                                + " -c discovery | grep -iE 'error|NACK|timeout'; whether proxies are in sync: meshdx proxy-status")
                .build();
    }
}
