package dev.meshdx.examples.cli;

import dev.meshdx.finding.FindingCode;
import dev.meshdx.model.internal.Nearest;
import dev.meshdx.diagnosis.Codes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "explain",
        description = "Prints the page of a finding code.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:  meshdx explain IST0101"})
final class ExplainCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    CommandSpec spec;

    @Parameters(paramLabel = "CODE", description = "Such as IST0101.")
    String code = "";

    @Override
    public Integer call() throws IOException {
        String wanted = code.toUpperCase(Locale.ROOT);
        try (InputStream page = ExplainCommand.class.getResourceAsStream("/findings/" + wanted + ".md")) {
            if (page == null) {
                List<String> near = Codes.nearest(wanted);
                spec.commandLine().getErr().println("meshdx: there is no code " + wanted + "."
                        + (near.isEmpty() ? "" : " Did you mean " + String.join(", ", near) + "?"));
                return Meshdx.USAGE;
            }
            spec.commandLine().getOut().print(new String(page.readAllBytes(), StandardCharsets.UTF_8));
            spec.commandLine().getOut().flush();
            return 0;
        }
    }
}
