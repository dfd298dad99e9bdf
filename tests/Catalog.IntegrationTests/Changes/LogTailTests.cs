using Catalog.IntegrationTests.Auditing;
using Catalog.Platform.Log;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Catalog.IntegrationTests.Changes;

/// <summary>Reading the log while numbers in it are missing.</summary>
public sealed class LogTailTests(AuditedCatalog catalog) : IClassFixture<AuditedCatalog>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_doubt_is_over_once_the_missing_number_is_filled()
    {
        await using var slow = await OpenAsync();
        await using var fast = await OpenAsync();
        var first = await NextAsync(slow);
        var tail = new LogTail(catalog.Server.Services.GetRequiredService<IDocumentStore>(), types: null);
        tail.StartAt(first - 1);

        await using var late = await slow.BeginTransactionAsync(Ct);
        await PutAsync(slow, first);
        await PutAsync(fast, await NextAsync(fast));
        Assert.Empty(await tail.ReadAsync(Ct));
        Assert.True(tail.IsInDoubt);

        await late.CommitAsync(Ct);
        Assert.Equal(2, (await tail.ReadAsync(Ct)).Count);
        Assert.False(tail.IsInDoubt);
    }

    private async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = new NpgsqlConnection(catalog.Owner);
        await connection.OpenAsync(Ct);
        return connection;
    }

    private static async Task<long> NextAsync(NpgsqlConnection connection)
    {
        await using var next = new NpgsqlCommand("select nextval('catalog.mt_events_sequence')", connection);
        return (long)(await next.ExecuteScalarAsync(Ct) ?? 0L);
    }

    private static async Task PutAsync(NpgsqlConnection connection, long number)
    {
        await using var put = new NpgsqlCommand(
            $"""
            do $$ declare fact catalog.mt_events; begin
                select * into fact from catalog.mt_events where type = 'catalog_created' limit 1;
                fact.seq_id := {number}; fact.id := gen_random_uuid(); fact.version := 1000000 + {number};
                insert into catalog.mt_events values (fact.*);
            end $$
            """,
            connection);
        await put.ExecuteNonQueryAsync(Ct);
    }
}
