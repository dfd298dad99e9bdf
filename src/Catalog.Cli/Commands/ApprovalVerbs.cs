using System.CommandLine;
using Catalog.Access;
using Catalog.Sdk;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog access approve</c> and <c>declassify</c>: what people vouch for.</summary>
internal static class ApprovalVerbs
{
    public static Command Approve()
    {
        var (act, node, reason, withdraw) = (ActWords.Argument(), NodeArgument.Any(), Reason(), Withdraw("Take your approval back"));
        var expires = new Option<string?>("--expires")
        {
            Description = "Until when it counts: a time (2027-01-31, 2027-01-31T12:00Z) or from now: 12h, 30d (else for ever)",
            HelpName = "when",
        };
        return new Command("approve", "Approves that others do what a policy makes wait; who made a version cannot")
        {
            act, node, reason, expires, withdraw,
        }.Does(async (call, ct) => call.Screen.Receipt(
            await ApproveAsync(call, call.Required(act), call.Required(node), call.Value(withdraw), call.Value(expires), reason, ct),
            $"{(call.Value(withdraw) ? "without your approval" : "approved")}: {Acts.Write(call.Required(act))}"));
    }

    public static Command Declassify()
    {
        var (node, reason, withdraw) = (NodeArgument.Any(), Reason(), Withdraw("Say that the tag does not end there any more"));
        var tag = new Argument<string>("tag") { Description = "The tag" }.NotEmpty();
        return new Command("declassify", "Says that a tag ends at a thing, version or column, and why")
        {
            node, tag, reason, withdraw,
        }.Does(async (call, ct) =>
        {
            var (access, of) = (call.Catalog.Access, call.Required(node));
            var receipt = call.Value(withdraw)
                ? await access.ReclassifyAsync(of, call.Required(tag), call.Required(reason), ct)
                : await access.DeclassifyAsync(of, call.Required(tag), call.Required(reason), ct);
            call.Screen.Receipt(receipt, $"{(call.Value(withdraw) ? "passes on" : "ends")}: {call.Required(tag)}");
        });
    }

    private static Task<Receipt> ApproveAsync(
        Call call, Act act, NodeId node, bool withdraw, string? expires, Option<string> reason, CancellationToken ct)
    {
        if (withdraw && expires is not null)
            throw new UsageException("--expires is of an approval, and --withdraw takes one back: give one of the two.");
        var until = expires is { } text ? KeyCommand.ReadTime(text, call.Terminal.Time.GetUtcNow()) : (DateTimeOffset?)null;
        return withdraw
            ? call.Catalog.Access.WithdrawApprovalAsync(act, node, call.Required(reason), ct)
            : call.Catalog.Access.ApproveAsync(act, node, call.Required(reason), until, ct);
    }

    private static Option<string> Reason() => new("--reason") { Description = "Why; it is recorded", Required = true };

    private static Option<bool> Withdraw(string description) => new("--withdraw") { Description = description };
}
