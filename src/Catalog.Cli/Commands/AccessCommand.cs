using System.CommandLine;
using Catalog.Access;
using Catalog.Cli.Printing;
using Catalog.Sdk;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog access …</c>: who may do what, and why.</summary>
internal static class AccessCommand
{
    public static Command Create() => new Command("access", "Who may do what and why, what somebody has to approve, and where tags end")
    {
        Explain(), Authorize(), AccessReportVerb.Create(), ApprovalVerbs.Approve(), ApprovalVerbs.Declassify(),
    }.WithConnection();

    private static Command Explain()
    {
        var question = new QuestionOptions();
        var command = new Command("explain", "Says whether somebody may do something, and what decides it; --purpose is what for");
        return question.AddTo(command).Does(async (call, ct) =>
        {
            var answer = await question.AskAsync(call, ct);
            AccessText.Print(call.Screen, answer, question.Sentence(call, answer));
        });
    }

    private static Command Authorize()
    {
        var question = new QuestionOptions();
        var command = new Command("authorize", "Says in a line whether somebody may do something, and ends with 0 if so, or 1");
        return question.AddTo(command).Answers(async (call, ct) =>
        {
            var answer = await question.AskAsync(call, ct);
            if (call.Screen.IsJson)
                call.Screen.Json(answer);
            else
                call.Screen.Line($"{question.Sentence(call, answer)}{(answer.Allowed ? "" : $". {string.Join(' ', answer.Reasons)}")}");
            return answer.Allowed ? ExitCodes.Done : ExitCodes.Failed;
        });
    }

    /// <summary>What both ask.</summary>
    private sealed class QuestionOptions
    {
        private readonly Argument<Act> _act = ActWords.Argument();
        private readonly NodeArgument _node = NodeArgument.Any().Optional();

        private readonly Option<string?> _principal = new("--principal")
        {
            Description = "Who (else you); about others those who may audit can ask",
        };

        private readonly Option<Role?> _role = SharedOptions.Choice<Role>(
            "--role", "As if the key had this role (else the strongest of the principal's keys)");

        private readonly Option<string[]> _groups = new("--group")
        {
            Description = "As if a token said that the principal is in this group; may be given several times",
        };

        private readonly Option<AsOf?> _asOf = LineageQuestionOptions.Moment(
            "--as-of", "By the policies that stood then: a log position, or a time");

        public Command AddTo(Command command)
        {
            command.Arguments.Add(_act);
            command.Arguments.Add(_node);
            foreach (var option in (Option[])[_principal, _role, _groups, _asOf])
                command.Options.Add(option);
            return command;
        }

        public Task<ExplainedAccess> AskAsync(Call call, CancellationToken ct) => call.Catalog.Access.ExplainAsync(
            call.Required(_act),
            call.Given(_node),
            new AccessQuestion
            {
                Principal = call.Value(_principal),
                Purpose = call.Value(SharedOptions.Purpose),
                Role = call.Value(_role),
                Groups = call.Value(_groups) is { Length: > 0 } groups ? groups : null,
                AsOf = call.Value(_asOf),
            },
            ct);

        public string Sentence(Call call, ExplainedAccess answer) =>
            AccessText.Sentence(answer, call.Required(_act), call.Given(_node), call.Value(SharedOptions.Purpose));
    }
}
