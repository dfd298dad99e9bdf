using System.CommandLine;
using System.Globalization;
using Catalog.Access;
using Catalog.Cli.Printing;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog access report</c>: who can read a thing, who did, and who was refused.</summary>
internal static class AccessReportVerb
{
    public static Command Create()
    {
        var node = NodeArgument.Any();
        var from = LineageQuestionOptions.Time("--from", "Beginning of the period (else 30 days before its end)");
        var to = LineageQuestionOptions.Time("--to", "End of the period (else now)");
        var command = new Command("report", "Who can read the data of a thing, who did and for what, and who was refused");
        node.AddTo(command);
        command.Options.Add(from);
        command.Options.Add(to);
        return command.Does(async (call, ct) =>
        {
            var report = await call.Catalog.Access.ReportAsync(call.Required(node), call.Value(from), call.Value(to), ct);
            if (call.Screen.IsJson)
            {
                call.Screen.Json(report);
                return;
            }

            call.Screen.Line($"{report.Node}, from {Plain.Time(report.From)} to {Plain.Time(report.To)}");
            call.Screen.Table(
                report.Can,
                new("CAN READ IT", c => c.Principal),
                new("ROLE", c => Roles.Write(c.Role)),
                new("FOR", c => string.Join(", ", c.Purposes)),
                new("WITH", c => c.Obligations.IsNone ? "" : AccessText.Ground(AccessGround.Allowed, c.Obligations)),
                new("BY", c => string.Join(", ", c.Statements)));
            call.Screen.Table(
                report.Did,
                new("DID READ IT", d => d.Principal),
                new("FOR", d => d.Purpose),
                new("HOW", d => d.Way),
                new("REQUESTS", d => d.Requests.ToString(CultureInfo.InvariantCulture), Right: true),
                new("BYTES", d => Plain.Bytes(d.Bytes), Right: true),
                new("LAST", d => Plain.Time(d.LastAt)));
            call.Screen.Table(
                report.Refused,
                new("WAS REFUSED", r => r.Principal),
                new("ACT", r => r.Act),
                new("NODE", r => r.Node),
                new("FOR", r => r.Purpose),
                new("TIMES", r => r.Count.ToString(CultureInfo.InvariantCulture), Right: true),
                new("BY", r => string.Join(", ", r.Statements)),
                new("AT", r => Plain.Time(r.At)));
        });
    }
}
