package dev.meshdx.check;

import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import java.util.List;
import java.util.function.Consumer;

/**
 * One rule: a pure function from a model to findings. No I/O, no clock (time is part of the model), no static state; so a
 * check is tested with a model and nothing else, and may run on any thread.
 *
 * @param <M> the model that it looks at
 */
public interface Check<M> {
    /** The codes that it may report. */
    List<FindingCode> codes();

    /** Looks at the model and reports what is wrong. */
    void run(M model, Consumer<Finding> report);
}
