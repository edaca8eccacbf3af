using KedaJobs.Hosting.Local.WhatIf;

namespace KedaJobs.Tests.Hosting.Local.WhatIf;

public class EntityLoadTests
{
    private static readonly DateTimeOffset Noon = new(2026, 8, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly EntityLoad _load = new();

    [Fact]
    public void Last_hour_is_remembered_and_nothing_before()
    {
        _load.Enqueued(Noon, 10);
        _load.Locked(1, Noon.AddSeconds(5));
        _load.Completed(1, Noon.AddSeconds(7));
        _load.Enqueued(Noon.AddMinutes(30), 20);

        var early = _load.Since(Noon.AddMinutes(59));
        Assert.Equal([new(Noon, 10), new(Noon.AddMinutes(30), 20)], early.Arrivals);
        Assert.Equal([new(Noon.AddSeconds(5), Noon.AddSeconds(7))], early.Handled);

        var late = _load.Since(Noon.AddMinutes(61));
        Assert.Equal([new(Noon.AddMinutes(30), 20)], late.Arrivals);
        Assert.Empty(late.Handled);
        Assert.False(late.IsCut);
    }

    [Fact]
    public void More_arrivals_than_are_kept_push_out_the_oldest_and_it_is_said_while_that_was_in_the_hour()
    {
        for (var index = 0; index < EntityLoad.MostArrivals + 5; index++)
        {
            _load.Enqueued(Noon.AddMilliseconds(index), 0);
        }

        var (arrivals, _, isCut) = _load.Since(Noon.AddMinutes(10));
        Assert.Equal((EntityLoad.MostArrivals, Noon.AddMilliseconds(5), true), (arrivals.Count, arrivals[0].At, isCut));
        Assert.False(_load.Since(Noon.AddMinutes(61)).IsCut);
    }

    [Fact]
    public void Message_that_was_given_back_counts_from_its_last_lock_and_one_that_was_never_locked_not_at_all()
    {
        _load.Locked(1, Noon);
        _load.Locked(1, Noon.AddSeconds(60));
        _load.Completed(1, Noon.AddSeconds(61));
        _load.Completed(2, Noon.AddSeconds(61));

        Assert.Equal([new(Noon.AddSeconds(60), Noon.AddSeconds(61))], _load.Since(Noon.AddSeconds(62)).Handled);
    }

    [Fact]
    public void Messages_that_are_never_completed_take_no_more_memory_than_the_limit_and_make_room_after_an_hour()
    {
        for (var number = 0; number < 20_000; number++)
        {
            _load.Locked(number, Noon);
        }

        _load.Locked(30_000, Noon);
        _load.Completed(30_000, Noon.AddSeconds(1));
        Assert.Empty(_load.Since(Noon.AddSeconds(2)).Handled);

        _load.Locked(30_001, Noon.AddMinutes(61));
        _load.Completed(30_001, Noon.AddMinutes(62));
        Assert.Single(_load.Since(Noon.AddMinutes(62)).Handled);
    }
}
