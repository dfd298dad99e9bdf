using Catalog.Platform.Writes;
using Marten.Exceptions;
using Npgsql;
using Xunit;

namespace Catalog.Tests.Writes;

public sealed class CommitFaultTests
{
    [Theory]
    [InlineData(PostgresErrorCodes.UniqueViolation)]
    [InlineData(PostgresErrorCodes.DeadlockDetected)]
    [InlineData(PostgresErrorCodes.SerializationFailure)]
    public void Where_another_writer_came_first_it_may_go_well_the_next_time(string state)
    {
        Assert.True(CommitFaults.IsRace(Said(state)));
        Assert.True(CommitFaults.IsRace(new MartenCommandException(new NpgsqlCommand(), Said(state))));
        Assert.False(CommitFaults.IsOfDatabase(Said(state)));
    }

    [Fact]
    public void Where_the_answer_was_lost_nobody_knows_what_was_stored()
    {
        var lost = new NpgsqlException("Exception while reading from stream", new TimeoutException());

        Assert.True(CommitFaults.IsOfDatabase(lost));
        Assert.True(CommitFaults.IsOfDatabase(new MartenCommandException(new NpgsqlCommand(), lost)));
        Assert.True(CommitFaults.IsOfDatabase(new AggregateException(lost)));
        Assert.False(CommitFaults.IsRace(lost));
    }

    [Theory]
    [InlineData(PostgresErrorCodes.AdminShutdown)]
    [InlineData(PostgresErrorCodes.CannotConnectNow)]
    [InlineData(PostgresErrorCodes.TooManyConnections)]
    [InlineData(PostgresErrorCodes.DiskFull)]
    [InlineData(PostgresErrorCodes.ConnectionFailure)]
    public void Where_the_server_cannot_go_on_the_next_write_cannot_either(string state) =>
        Assert.True(CommitFaults.IsOfDatabase(Said(state)));

    [Fact]
    public void What_is_wrong_with_one_write_is_neither()
    {
        Exception[] faults = [new InvalidOperationException("A decider failed."), Said(PostgresErrorCodes.CharacterNotInRepertoire)];
        Assert.All(faults, e => Assert.False(CommitFaults.IsRace(e) || CommitFaults.IsOfDatabase(e)));
    }

    private static PostgresException Said(string state) => new("said by the server", "ERROR", "ERROR", state);
}
