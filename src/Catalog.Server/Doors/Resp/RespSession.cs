using System.Net;
using Catalog.Access;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Server.Doors.Lookup;
using Catalog.Server.Doors.Online;
using Catalog.Serving;
using Catalog.Serving.Metrics;
using Microsoft.Extensions.Logging;

namespace Catalog.Server.Doors.Resp;

/// <summary>One connection's conversation in the Redis protocol. Nothing but AUTH is answered before it is known who asks.</summary>
internal sealed partial class RespSession(
    OnlineFeatures online, LookupPlans lookups, RespFieldsAsked asked, RespLogin login, Gate gate, DecisionLog decisions,
    ILogger<RespSession> log)
{
    private const string NoAuthentication = "Authentication required: AUTH default cat_…, or AUTH inference cat_… to say what for.";

    /// <summary>Whether it is over: the client said so, or what it sent makes no sense any more.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Bytes that the next command may have.</summary>
    public int MostBytes => login.IsKnown ? PooledBody.MostBytes : RespCommand.MostUnknownBytes;

    public bool IsKnown => login.IsKnown;

    /// <summary>Where the connection comes from; null where nobody knows.</summary>
    public IPAddress? From { get; set; }

    /// <summary>Answers a command, whatever becomes of it.</summary>
    public async ValueTask AnswerAsync(RespCommand command, RespWriter to, CancellationToken ct)
    {
        var start = to.Buffer.Length;
        try
        {
            if (command.Count > 0)
                await DispatchAsync(command, to, ct);
        }
        catch (ProblemException e)
        {
            to.Buffer.Rewind(start);
            Refuse(await KeptAsync(e.Problem, ct), to);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            to.Buffer.Rewind(start);
            if (Faults.ToProblem(e) is { } known)
            {
                Refuse(known, to);
                return;
            }

            LogFailed(e, command.Count > 0 ? command.Text(0) : "");
            to.Error("ERR", "catalog.internal: Something went wrong here; the server's log says what.");
        }
    }

    /// <summary>A refusal of the gate is kept before it is answered.</summary>
    private async ValueTask<Problem> KeptAsync(Problem problem, CancellationToken ct)
    {
        try
        {
            if (gate.TakeDenied() is { Count: > 0 } denied)
                await decisions.KeepAsync(denied, ct);
            return problem;
        }
        catch (ProblemException unrecorded)
        {
            return unrecorded.Problem;
        }
    }

    /// <summary>Says that it is over.</summary>
    public void End() => IsOver = true;

    /// <summary>Answers what cannot be read as a command, and ends: nobody knows where the next one begins.</summary>
    public void Break(Problem problem, RespWriter to)
    {
        Refuse(problem, to);
        IsOver = true;
    }

    private ValueTask DispatchAsync(RespCommand command, RespWriter to, CancellationToken ct)
    {
        if (command.Is(0, "HMGET"u8))
            return ReadAsync(command, to, ct);
        if (command.Is(0, "CATALOG.LOOKUP"u8))
            return LookupAsync(command, to, ct);
        if (command.Is(0, "HGET"u8) || command.Is(0, "HGETALL"u8))
            return ReadAsync(command, to, ct);
        if (command.Is(0, "AUTH"u8))
            return AuthenticateAsync(command, to, ct);
        if (command.Is(0, "HELLO"u8))
            return GreetAsync(command, to, ct);
        if (command.Is(0, "QUIT"u8))
            return Quit(to);
        return RespTalk.TryAnswer(command, to, login.IsKnown) ? default
            : !login.IsKnown ? throw Unknown()
            : throw new ProblemException(Problem.Of(
                "request.not_found", $"'{Shown(command)}' is no command here; there are HMGET, HGET, HGETALL and CATALOG.LOOKUP."));
    }

    /// <summary><c>HMGET key field…</c>, <c>HGET key field</c>, <c>HGETALL key</c>.</summary>
    private async ValueTask ReadAsync(RespCommand command, RespWriter to, CancellationToken ct)
    {
        await DemandLoginAsync(ct);
        var isAll = command.Is(0, "HGETALL"u8);
        var isOne = command.Is(0, "HGET"u8);
        if (isAll ? command.Count != 2 : isOne ? command.Count != 3 : command.Count < 3)
            throw Arguments(command);

        var fields = asked.Of(command, isAll, online);
        var begun = online.Begin(fields.Read, ServingDoor.Redis);
        using var read = begun.Succeeded ? begun.Value : throw new ProblemException(begun.Problem);
        using var keys = PooledKeys.Take();
        RespKeys.Read(command[1], fields.Read, keys.Columns);
        keys.Columns.Fill(read);
        if (await online.ReadAsync(read, ct) is { } problem)
            throw new ProblemException(problem);

        if (isAll)
        {
            RespHashes.WriteAll(to, fields, read);
            return;
        }

        if (!isOne)
            to.Array(fields.Fields.Count);
        RespHashes.WriteValues(to, fields, read);
    }

    /// <summary><c>CATALOG.LOOKUP request</c>: the messages of catalog_lookup.proto.</summary>
    private async ValueTask LookupAsync(RespCommand command, RespWriter to, CancellationToken ct)
    {
        await DemandLoginAsync(ct);
        if (command.Count != 2)
            throw Arguments(command);
        using var answer = await lookups.AnswerAsync(command.Bytes(1), ns: null, online, ServingDoor.Redis, ct);
        to.Bulk(answer.WrittenSpan);
    }

    /// <summary><c>AUTH key</c>, or <c>AUTH purpose key</c>.</summary>
    private async ValueTask AuthenticateAsync(RespCommand command, RespWriter to, CancellationToken ct)
    {
        if (command.Count is not (2 or 3))
            throw Arguments(command);
        await login.EnterAsync(command.Count == 3 ? command.Text(1) : "default", command.Text(command.Count - 1), From, ct);
        to.Ok();
    }

    /// <summary><c>HELLO [2|3 [AUTH purpose key] [SETNAME name]]</c>.</summary>
    private async ValueTask GreetAsync(RespCommand command, RespWriter to, CancellationToken ct)
    {
        var version = command.Count > 1 ? command.Is(1, "3"u8) ? 3 : command.Is(1, "2"u8) ? 2 : 0 : to.Version;
        if (version == 0)
        {
            to.Error("NOPROTO", "The versions of the protocol are 2 and 3.");
            return;
        }

        for (var word = 2; word < command.Count; word++)
        {
            if (command.Is(word, "AUTH"u8) && word + 2 < command.Count)
            {
                await login.EnterAsync(command.Text(word + 1), command.Text(word + 2), From, ct);
                word += 2;
            }
            else if (command.Is(word, "SETNAME"u8) && word + 1 < command.Count)
            {
                word++;
            }
            else
            {
                throw Arguments(command);
            }
        }

        if (!login.IsKnown)
            throw Unknown();
        to.Version = version;
        RespTalk.Greet(to);
    }

    private ValueTask Quit(RespWriter to)
    {
        IsOver = true;
        to.Ok();
        return default;
    }

    private ValueTask DemandLoginAsync(CancellationToken ct) => login.IsKnown ? login.DemandStandingAsync(ct) : throw Unknown();

    private static void Refuse(Problem problem, RespWriter to) => to.Error(KindOf(problem), $"{problem.Code}: {problem.Detail}");

    /// <summary>The words that clients of Redis know.</summary>
    private static string KindOf(Problem problem) => problem switch
    {
        { Code: "access.unauthenticated" } => "NOAUTH",
        { Kind: ProblemKind.Unauthenticated } => "WRONGPASS",
        { Kind: ProblemKind.Forbidden } => "NOPERM",
        { Kind: ProblemKind.Unavailable or ProblemKind.TooManyRequests } => "TRYAGAIN",
        _ => "ERR",
    };

    private static ProblemException Unknown() => new(Problem.Of("access.unauthenticated", NoAuthentication));

    private static ProblemException Arguments(RespCommand command) => new(Problem.Field(
        "request.invalid", "arguments", $"{Shown(command)} takes other arguments: {RespTalk.UsageOf(command)}"));

    private static string Shown(RespCommand command)
    {
        const int Most = 40;
        var name = command.Text(0);
        return name.Length > Most ? name[..Most] + "…" : name;
    }

    [LoggerMessage(6060, LogLevel.Error, "The command {Command} failed.")]
    private partial void LogFailed(Exception e, string command);
}
