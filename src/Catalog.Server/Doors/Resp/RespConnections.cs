using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Catalog.Platform.Http;
using Catalog.Server.Doors.Online;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Catalog.Server.Doors.Resp;

/// <summary>
/// Reads commands from connections and sends replies. All commands that have come are answered before anything is sent: clients that send
/// many at once get the answers so.
/// </summary>
internal sealed class RespConnections(IServiceScopeFactory scopes, TimeProvider clock) : ConnectionHandler
{
    /// <summary>How long somebody may take to say who it is.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    /// <summary>Replies go out when they are so many bytes, also where there are commands left.</summary>
    private const int MostWaiting = 256 * 1024;

    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        await using var scope = scopes.CreateAsyncScope();
        var session = scope.ServiceProvider.GetRequiredService<RespSession>();
        session.From = (connection.RemoteEndPoint as IPEndPoint)?.Address;
        using var patience = new CancellationTokenSource(s_patience, clock);
        var ending = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed, ending);
        await using var stop = end.Token.Register(() => Wake(connection.Transport));
        await using var lost = patience.Token.Register(() => Wake(connection.Transport));
        using var buffer = new AnswerBuffer();
        try
        {
            await ConverseAsync(
                connection.Transport, session, new RespWriter(buffer),
                () => end.IsCancellationRequested || (patience.IsCancellationRequested && !session.IsKnown), connection.ConnectionClosed);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ConnectionAbortedException or ConnectionResetException)
        {
            connection.Abort();
        }
    }

    private static void Wake(IDuplexPipe pipe)
    {
        pipe.Input.CancelPendingRead();
        pipe.Output.CancelPendingFlush();
    }

    private static async Task ConverseAsync(
        IDuplexPipe pipe, RespSession session, RespWriter to, Func<bool> isToEnd, CancellationToken ct)
    {
        var command = new RespCommand();
        while (!session.IsOver)
        {
            var read = await pipe.Input.ReadAsync(ct);
            if (read.IsCanceled && isToEnd())
                return;
            var used = read.Buffer.Length < command.Wanted
                ? 0
                : await AnswerAsync(read.Buffer, command, session, to, pipe.Output, isToEnd, ct);
            pipe.Input.AdvanceTo(read.Buffer.GetPosition(used), read.Buffer.End);
            if (!await SendAsync(to.Buffer, pipe.Output, isToEnd, ct) || read.IsCompleted)
                return;
        }
    }

    /// <summary>Answers every command that has come whole.</summary>
    /// <returns>Bytes of those.</returns>
    private static async ValueTask<long> AnswerAsync(
        ReadOnlySequence<byte> come, RespCommand command, RespSession session, RespWriter to, PipeWriter output, Func<bool> isToEnd,
        CancellationToken ct)
    {
        var copied = come.IsSingleSegment ? null : ArrayPool<byte>.Shared.Rent((int)come.Length);
        try
        {
            if (copied is not null)
                come.CopyTo(copied);
            var bytes = copied is null ? come.First : copied.AsMemory(0, (int)come.Length);
            var used = 0;
            while (!session.IsOver && command.Read(bytes[used..], session.MostBytes) is > 0 and var length)
            {
                used += length;
                await session.AnswerAsync(command, to, ct);
                if (to.Buffer.Length > MostWaiting && !await SendAsync(to.Buffer, output, isToEnd, ct))
                    session.End();
            }

            return used;
        }
        catch (ProblemException e)
        {
            session.Break(e.Problem, to);
            return come.Length;
        }
        finally
        {
            if (copied is not null)
                ArrayPool<byte>.Shared.Return(copied);
        }
    }

    /// <returns>False where nobody takes it, and the time for that is over.</returns>
    private static async ValueTask<bool> SendAsync(AnswerBuffer answers, PipeWriter output, Func<bool> isToEnd, CancellationToken ct)
    {
        if (answers.Length == 0)
            return true;
        answers.CopyTo(output);
        answers.Empty();
        for (var sent = await output.FlushAsync(ct); ; sent = await output.FlushAsync(ct))
        {
            if (!sent.IsCanceled)
                return !sent.IsCompleted;
            if (isToEnd())
                return false;
        }
    }
}
